import type { LoadedMigration } from "../migrations/types.ts";
import { lowerFloor } from "../record/floor.ts";
import { markStarted } from "../record/unfinished.ts";
import { recordApplied, recordReverted } from "../record/write.ts";
import { type Execution, perform, type Step, type StepResult } from "./step.ts";

export type { Execution, StepResult as AppliedResult } from "./step.ts";

/** Applies one migration and records it. A contract step needs its gate: see applyContract. */
export const applyMigration = (
  execution: Execution,
  migration: LoadedMigration,
  alsoRecord: Step["record"] = async () => {},
  refuse?: Step["refuse"],
): Promise<StepResult> =>
  perform(execution, {
    migration,
    direction: "up",
    refuse,
    begin: (sql) => markStarted(sql, execution.tables, migration, "up"),
    async record(sql, durationMs) {
      await recordApplied(sql, execution.tables, migration, durationMs);
      await alsoRecord(sql, durationMs);
    },
  });

/** Reverts one migration and takes it out of the record, with the floor it raised and the checkpoints it left. */
export const revertMigration = (
  execution: Execution,
  migration: LoadedMigration,
  refuse: Step["refuse"],
): Promise<StepResult> =>
  perform(execution, {
    migration,
    direction: "down",
    refuse,
    begin: (sql) => markStarted(sql, execution.tables, migration, "down"),
    async record(sql) {
      await recordReverted(sql, execution.tables, migration.name);
      await lowerFloor(sql, execution.tables, migration.name);
    },
  });
