import { classify, codeOf } from "../classify.ts";
import { describeWait, type LockWait, watchLockWaits } from "../database/blockers.ts";
import { type LockKey, stillLocked } from "../database/lock.ts";
import type { Session } from "../database/session.ts";
import { stopIfTold, toldToStop } from "../database/wait.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { lending } from "../online/context.ts";
import type { RecordTables } from "../record/tables.ts";
import { recordApplied } from "../record/write.ts";
import { cancellable } from "./cancel.ts";
import { guarded, type Limits, resetSession } from "./guards.ts";
import { leftBehind } from "./repair.ts";
import { withLockRetries } from "./retry.ts";

export interface Execution {
  session: Session;
  tables: RecordTables;
  key: LockKey;
  limits: Limits;
  /** How long a migration is tried again after its first lock_timeout. */
  lockBudgetMs: number;
  log: Log;
  signal: AbortSignal;
}

export interface AppliedResult {
  name: string;
  phase: string;
  durationMs: number;
  attempts: number;
}

/** Applies one migration and records it, trying again while a lock is not to be had. */
export async function applyMigration(
  execution: Execution,
  migration: LoadedMigration,
): Promise<AppliedResult> {
  const { session, limits, signal } = execution;
  const log = execution.log.child({ migration: migration.name });
  const watch = watchLockWaits(session, Math.max(limits.lockTimeoutMs / 3, 50), log);
  const once = migration.transactional ? inTransaction : outsideTransaction;
  try {
    log.info({ phase: migration.phase, transactional: migration.transactional }, "applying");
    const { result: durationMs, attempts } = await cancellable(session, signal, log, () =>
      withLockRetries(
        {
          budgetMs: execution.lockBudgetMs,
          floorMs: limits.lockTimeoutMs,
          signal,
          onRetry: (error, pauseMs, attempt) =>
            log.warn(
              { code: codeOf(error), attempt, pauseMs: Math.round(pauseMs), wait: watch.last() },
              "lock not granted in time; rolled back, trying again",
            ),
        },
        () => once(execution, migration, log),
      ),
    );
    log.info({ durationMs, attempts }, "applied");
    return { name: migration.name, phase: migration.phase, durationMs, attempts };
  } catch (error) {
    const known = toldToStop(signal) ?? explain(error, migration, execution, watch.last());
    throw naming(leftBehind(error), known);
  } finally {
    await watch.stop();
  }
}

async function inTransaction(execution: Execution, migration: LoadedMigration, log: Log): Promise<number> {
  const { session, tables, key, limits, signal } = execution;
  const { runner, sql } = session;
  const started = performance.now();
  await resetSession(session, limits);
  await runner.startTransaction();
  try {
    await stillLocked(sql, key);
    const began = await transactionTime(session);
    await runUp(execution, migration, log);
    if ((await transactionTime(session)) !== began) throw endedItsTransaction(migration);
    stopIfTold(signal);
    const durationMs = Math.round(performance.now() - started);
    await recordApplied(sql, tables, migration, durationMs);
    await runner.commitTransaction();
    // One that the migration opened inside ours: TypeORM only released its savepoint, and nothing is committed yet.
    if (runner.isTransactionActive) throw endedItsTransaction(migration);
    return durationMs;
  } catch (error) {
    await rollBack(session);
    throw error;
  }
}

/** CREATE INDEX CONCURRENTLY and the like. A crash before the record is written means that it runs again. */
async function outsideTransaction(
  execution: Execution,
  migration: LoadedMigration,
  log: Log,
): Promise<number> {
  const { session, tables, key, limits } = execution;
  const { runner, sql } = session;
  const started = performance.now();
  await resetSession(session, limits);
  await stillLocked(sql, key);
  await runUp(execution, migration, log);
  const durationMs = Math.round(performance.now() - started);
  if (runner.isTransactionActive) throw endedItsTransaction(migration);
  await runner.startTransaction();
  try {
    await stillLocked(sql, key);
    await recordApplied(sql, tables, migration, durationMs);
    await runner.commitTransaction();
    return durationMs;
  } catch (error) {
    await rollBack(session);
    throw error;
  }
}

/** The migration's own code, its statements guarded, with what its helpers need at hand. */
async function runUp(execution: Execution, migration: LoadedMigration, log: Log): Promise<void> {
  const { session, tables, key, limits, signal } = execution;
  const context = {
    migration: migration.name,
    signal,
    log,
    lockTimeoutMs: limits.lockTimeoutMs,
    backfillTable: tables.backfill,
    stillLocked: () => stillLocked(session.sql, key),
    aside: session.aside,
  };
  await lending(session.runner, context, () =>
    guarded(session, { limits, log, signal }, (runner) => migration.instance.up(runner)),
  );
}

/** The same through one whole transaction, another in the next one: shows a COMMIT among a migration's statements. */
async function transactionTime({ sql }: Session): Promise<string> {
  const [row] = await sql<{ now: string }>("SELECT transaction_timestamp()::text AS now");
  return row?.now ?? "";
}

async function rollBack({ runner, lost }: Session): Promise<void> {
  // A lost session was rolled back by the server. One that is there must not stay in a failed transaction.
  while (lost() === undefined && runner.isTransactionActive) await runner.rollbackTransaction();
}

function explain(
  error: unknown,
  migration: LoadedMigration,
  execution: Execution,
  wait: LockWait | undefined,
): MigratorError {
  const lost = execution.session.lost();
  if (lost !== undefined)
    return classify(Object.assign(lost, { code: codeOf(lost) ?? "08006" }), migration.name);
  if (codeOf(error) === "55P03") return noLock(migration, execution, wait, error);
  const known = classify(error, migration.name);
  if (migration.transactional || known.exitCode !== ExitCode.MigrationFailed) return known;
  return new MigratorError(known.exitCode, known.message, {
    facts: known.facts,
    cause: known.cause,
    next: "It runs outside a transaction, so what it did before it failed is kept and it will run again from its start: every statement in it must be repeatable (IF NOT EXISTS, IF EXISTS). Repair it, then run again.",
  });
}

/** Adds to an error that it left an invalid index: until that is gone, the running code's writes may fail on it. */
function naming(left: string | undefined, known: MigratorError): MigratorError {
  if (left === undefined) return known;
  return new MigratorError(known.exitCode, known.message, {
    facts: known.facts,
    cause: known.cause,
    next: `${left} Writes must satisfy it until it is gone: the next run drops it, or DROP INDEX CONCURRENTLY. ${known.next ?? ""}`.trimEnd(),
  });
}

function noLock(
  migration: LoadedMigration,
  execution: Execution,
  wait: LockWait | undefined,
  cause: unknown,
) {
  const { limits, lockBudgetMs } = execution;
  const what = wait === undefined ? "a lock it needs" : `the lock on ${describeWait(wait)}`;
  return new MigratorError(
    ExitCode.LockTimeout,
    `${migration.name} did not get ${what}, within ${limits.lockTimeoutMs} ms, tried again for ${lockBudgetMs / 1000} s.`,
    {
      next: "End the sessions that hold it, or let them finish, then run again.",
      facts: { migration: migration.name, code: "55P03", wait },
      cause,
    },
  );
}

const endedItsTransaction = (migration: LoadedMigration) =>
  new MigratorError(
    ExitCode.MigrationFailed,
    `${migration.name} ended the transaction it runs in, or left one open, so it cannot be recorded together with its work.`,
    {
      next: "Take COMMIT, ROLLBACK and startTransaction out of it, or say transaction = false and make every statement repeatable. What it committed is still there.",
      facts: { migration: migration.name },
    },
  );
