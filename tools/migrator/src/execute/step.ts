import type { Pace } from "../backfill/pace.ts";
import { type LockKey, stillLocked } from "../database/lock.ts";
import { theirPath } from "../database/search-path.ts";
import type { Session, Sql } from "../database/session.ts";
import { stopIfTold, toldToStop } from "../database/wait.ts";
import type { Log } from "../log.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { lending } from "../online/context.ts";
import type { Journal } from "../record/journal.ts";
import type { RecordTables } from "../record/tables.ts";
import { endedItsTransaction, explain, naming } from "./explain.ts";
import { guarded, type Limits, ourselves, resetSession } from "./guards.ts";
import { insist } from "./insist.ts";
import { leftBehind } from "./repair.ts";
import { faultOf, watched } from "./watched.ts";

export interface Execution {
  session: Session;
  tables: RecordTables;
  key: LockKey;
  limits: Limits;
  /** How long a migration is tried again after its first lock_timeout. */
  lockBudgetMs: number;
  /** How fast backfills may go, where the command line says so. */
  pace?: Partial<Pace> | undefined;
  log: Log;
  signal: AbortSignal;
}

/** A migration in one direction, and what the record says once it has gone there. */
export interface Step {
  migration: LoadedMigration;
  direction: "up" | "down";
  /**
   * Throws when it must not be. Asked before each attempt, and, where there is a transaction to undo, once more before
   * that commits.
   */
  refuse?: ((sql: Sql) => Promise<void>) | undefined;
  /** Runs outside a transaction right before work that has none. Gives the notes on what an earlier attempt did. */
  begin?(sql: Sql): Promise<Journal>;
  /** Runs in the transaction of the work where there is one, else in one of its own right after it. */
  record(sql: Sql, durationMs: number): Promise<void>;
}

export interface StepResult {
  name: string;
  phase: string;
  durationMs: number;
  attempts: number;
}

const words = { up: ["applying", "applied"], down: ["reverting", "reverted"] } as const;

/** Runs one step and records it, trying again while a lock is not to be had. */
export async function perform(execution: Execution, step: Step): Promise<StepResult> {
  const { migration, direction } = step;
  const [doing, done] = words[direction];
  const log = execution.log.child({ migration: migration.name });
  const once = migration.transactional ? inTransaction : outsideTransaction;
  log.info({ phase: migration.phase, transactional: migration.transactional }, doing);
  const { result: durationMs, attempts } = await insist(
    { ...execution, log },
    (progressed) => once(execution, step, log, progressed),
    (error, wait) =>
      naming(
        leftBehind(error),
        faultOf(migration, doing) ??
          toldToStop(execution.signal) ??
          explain(error, migration, execution, wait, doing),
      ),
  );
  log.info({ durationMs, attempts }, done);
  return { name: migration.name, phase: migration.phase, durationMs, attempts };
}

type Once = (execution: Execution, step: Step, log: Log, progressed: () => void) => Promise<number>;

const inTransaction: Once = async (execution, step, log, progressed) => {
  const { session, key, limits, signal } = execution;
  const { runner, sql } = session;
  const started = performance.now();
  await resetSession(session, limits);
  await step.refuse?.(sql);
  await runner.startTransaction();
  try {
    await stillLocked(sql, key);
    const began = await transactionTime(session);
    await run(execution, step, log, progressed);
    await sql(ourselves);
    if ((await transactionTime(session)) !== began) throw endedItsTransaction(step.migration);
    stopIfTold(signal);
    const durationMs = Math.round(performance.now() - started);
    await step.record(sql, durationMs);
    await step.refuse?.(sql);
    await runner.commitTransaction();
    // One that the migration opened inside ours: TypeORM only released its savepoint, and nothing is committed yet.
    if (runner.isTransactionActive) throw endedItsTransaction(step.migration);
    return durationMs;
  } catch (error) {
    await rollBack(session);
    throw error;
  }
};

/** CREATE INDEX CONCURRENTLY and the like. A crash before the record is written means that it runs again. */
const outsideTransaction: Once = async (execution, step, log, progressed) => {
  const { session, key, limits } = execution;
  const { runner, sql } = session;
  const started = performance.now();
  await resetSession(session, limits);
  await stillLocked(sql, key);
  await step.refuse?.(sql);
  const journal = await step.begin?.(sql);
  await run(execution, step, log, progressed, journal);
  const durationMs = Math.round(performance.now() - started);
  if (runner.isTransactionActive) throw endedItsTransaction(step.migration);
  await sql(ourselves);
  await runner.startTransaction();
  try {
    await stillLocked(sql, key);
    await step.record(sql, durationMs);
    await runner.commitTransaction();
    return durationMs;
  } catch (error) {
    await rollBack(session);
    throw error;
  }
};

/** The migration's own code, its statements guarded, with what its helpers need at hand. */
async function run(
  execution: Execution,
  { migration, direction }: Step,
  log: Log,
  progressed: () => void,
  journal?: Journal,
): Promise<void> {
  const { session, tables, key, limits, signal, pace } = execution;
  const context = {
    migration: migration.name,
    signal,
    log,
    lockTimeoutMs: limits.lockTimeoutMs,
    backfillTable: tables.backfill,
    stillLocked: () => stillLocked(session.sql, key),
    aside: ((...call) => {
      session.traffic.lend();
      return session.aside(...call);
    }) as Session["aside"],
    progressed,
    ...(pace && { pace }),
  };
  await session.sql(theirPath);
  await lending(session.runner, context, () =>
    watched(execution, migration.name, log, () =>
      guarded(session, { limits, log, signal, journal }, (runner) => migration.instance[direction](runner)),
    ),
  );
}

/** The same through one whole transaction, another in the next one: shows a COMMIT among a migration's statements. */
async function transactionTime({ sql }: Session): Promise<string> {
  const [row] = await sql<{ now: string }>("SELECT transaction_timestamp()::text AS now");
  return row?.now ?? "";
}

async function rollBack({ runner, lost }: Session): Promise<void> {
  // A lost session was rolled back by the server. One that is there must not stay in a failed transaction.
  try {
    while (lost() === undefined && runner.isTransactionActive) await runner.rollbackTransaction();
  } catch {
    // Where even this fails the session is about to be lost; the first error says why.
  }
}
