export { type Contract, finaliseFloor, proposeFloor, settleFloor } from "../record/floor.ts";
export { createRecordTables, type RecordTables, recordTables } from "../record/tables.ts";
export { type GateOptions, heldClosedBy, tryGate } from "./gate.ts";
export {
  type AliveSession,
  type Audience,
  describeSessions,
  olderThan,
  releaseSessions,
  type Scope,
} from "./sessions.ts";
