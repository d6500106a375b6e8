import type { Sql } from "../database/session.ts";
import { type Contract, proposeFloor, settleFloor } from "../record/floor.ts";
import type { RecordTables } from "../record/tables.ts";
import { type AliveSession, type Audience, olderThan, releaseSessions, type Scope } from "./sessions.ts";

export interface GateOptions {
  tables: RecordTables;
  contract: Contract;
  audience: Audience;
  /** The tables whose writers keep the gate closed where their sessions name no level. */
  scope: Scope;
}

/** Who keeps the gate closed right now; nobody means that trying it is worth a proposed floor. */
export async function heldClosedBy(
  sql: Sql,
  { contract, audience, scope }: Omit<GateOptions, "tables">,
): Promise<AliveSession[]> {
  return olderThan(await releaseSessions(sql, audience, scope), contract.needs);
}

/**
 * Tries to pass the gate of a contract step. Only for who holds the migrator's lock, and outside any transaction.
 *
 * The order is the whole point: floor first, sessions second. A process of the application opens its session first
 * and reads the floor second. So however the two race, at least one of them sees the other: either we find its
 * session and withdraw, or it finds our floor and leaves. Each statement here is a transaction of its own: a floor
 * that is not committed is seen by nobody.
 *
 * Returns who is in the way, with the floor as it was; or nobody, with the floor proposed. It is then up to the caller
 * to make it final together with the contract, or to withdraw it.
 */
export async function tryGate(sql: Sql, options: GateOptions): Promise<AliveSession[]> {
  const { tables, contract } = options;
  await proposeFloor(sql, tables, contract);
  const alive = await heldClosedBy(sql, options);
  if (alive.length > 0) await settleFloor(sql, tables);
  return alive;
}
