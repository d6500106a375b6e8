import type { QueryRunner } from "typeorm";
import type { Pace } from "../backfill/pace.ts";

/** What the migrator lends to the helpers of `@schema-rollout/migrator/online` while it runs a migration. */
export interface MigrationContext {
  /** Name of the running migration, as the record has it. */
  migration: string;
  /** Aborted when the process was told to stop; no new batch or statement may start then. */
  signal: AbortSignal;
  log: ContextLog;
  /** Longest wait for a lock, in milliseconds; longer ones block whoever comes behind. */
  lockTimeoutMs: number;
  /** Qualified name of the table with the backfills' checkpoints. */
  backfillTable: string;
  /** Throws unless the executing session still holds the migrator's lock; call it inside each own transaction. */
  stillLocked(): Promise<void>;
  /** Runs a statement of the helper in a second session, to look at the server while the first one works. */
  aside<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Something was committed that stays: what fails after it may be tried again for the whole lock budget. */
  progressed(): void;
  /** How fast backfills may go, where the command line says so; it outweighs what the migration says. */
  pace?: Partial<Pace>;
}

export interface ContextLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/**
 * Migrations are bundled, each with its own copy of the helpers, so the context crosses from one bundle to the other
 * by a key that every copy of this file finds again, not by a module's variable.
 */
const key = Symbol.for("schema-rollout/migration-context");

type Lent = QueryRunner & { [key]?: MigrationContext };

/** Undefined when TypeORM's own CLI runs the migration: helpers then work without checkpoints, lock and log. */
export const contextOf = (runner: QueryRunner): MigrationContext | undefined => (runner as Lent)[key];

/** Lends the context for as long as `work` runs. */
export async function lending<T>(
  runner: QueryRunner,
  context: MigrationContext,
  work: () => Promise<T>,
): Promise<T> {
  const lent: Lent = runner;
  lent[key] = context;
  try {
    return await work();
  } finally {
    delete lent[key];
  }
}
