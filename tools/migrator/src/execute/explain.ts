import { classify, codeOf } from "../classify.ts";
import { describeWait, type LockWait } from "../database/blockers.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import type { Insistence } from "./insist.ts";
import { doubtOf } from "./outside.ts";
import type { Execution } from "./step.ts";

/** What a failed step means for who started it. */
export function explain(
  error: unknown,
  migration: LoadedMigration,
  execution: Execution,
  wait: LockWait | undefined,
  doing: string,
): MigratorError {
  const lost = execution.session.lost();
  // Why the server ended the session it tells the statement that was on its way, if one was.
  if (lost !== undefined && codeOf(error) !== "25P03")
    return classify(Object.assign(lost, { code: codeOf(lost) ?? "08006" }), migration.name, doing);
  if (codeOf(error) === "55P03") {
    return noLock(migration.name, execution, { wait, cause: error, migration: migration.name });
  }
  const known = classify(error, migration.name, doing);
  if (migration.transactional || known.exitCode !== ExitCode.MigrationFailed) return known;
  return new MigratorError(known.exitCode, known.message, {
    facts: known.facts,
    cause: known.cause,
    next: `${doubtOf(error) ?? known.next} It runs outside a transaction, so what it did before it failed is kept and it will run again from its start: every statement in it must be repeatable (IF NOT EXISTS, IF EXISTS).${floorStays(migration)}`,
  });
}

/** Adds to an error that it left an invalid index: until that is gone, the running code's writes may fail on it. */
export function naming(left: string | undefined, known: MigratorError): MigratorError {
  if (left === undefined) return known;
  return new MigratorError(known.exitCode, known.message, {
    facts: known.facts,
    cause: known.cause,
    next: `${left} Writes must satisfy it until it is gone: the next run drops it, or DROP INDEX CONCURRENTLY. ${known.next ?? ""}`.trimEnd(),
  });
}

export function noLock(
  who: string,
  { limits, lockBudgetMs }: Insistence,
  { wait, cause, migration }: { wait: LockWait | undefined; cause: unknown; migration?: string },
) {
  const what = wait === undefined ? "a lock it needs" : `the lock on ${describeWait(wait)}`;
  return new MigratorError(
    ExitCode.LockTimeout,
    `${who} did not get ${what}, within ${limits.lockTimeoutMs} ms, tried again for ${lockBudgetMs / 1000} s.`,
    {
      next: "End the sessions that hold it, or let them finish, then run again.",
      facts: { ...(migration && { migration }), code: "55P03", wait },
      cause,
    },
  );
}

export const endedItsTransaction = (migration: LoadedMigration) =>
  new MigratorError(
    ExitCode.MigrationFailed,
    `${migration.name} ended the transaction it runs in, or left one open, so it cannot be recorded together with its work.`,
    {
      next: "Take COMMIT, ROLLBACK and startTransaction out of it, or say transaction = false and make every statement repeatable. What it committed is still there.",
      facts: { migration: migration.name },
    },
  );

/** Said of a contract outside a transaction, whose floor is final before its first statement. */
const floorStays = ({ needs }: LoadedMigration) =>
  needs === undefined
    ? ""
    : ` Until then no release below ${needs} can come back: it may have done half of its work.`;
