import type { QueryRunner } from "typeorm";
import { liveness, type Session } from "../database/session.ts";
import { stopIfTold } from "../database/wait.ts";
import type { Log } from "../log.ts";
import { building, rebuilding } from "./repair.ts";
import { kindOf, type StatementKind } from "./statement.ts";

export interface Limits {
  /** How long one statement may wait for a lock, and so make others wait behind it. */
  lockTimeoutMs: number;
  /** How long a statement that blocks nobody may take. */
  statementBudgetMs: number;
}

/** Settings of the executing session, put back before each migration whatever the last one left behind. */
export async function resetSession({ sql }: Session, { lockTimeoutMs }: Limits): Promise<void> {
  // RESET ALL undoes a stray SET search_path; it also undoes ours, so they follow.
  await sql(`RESET ALL; ${liveness}; SET lock_timeout = ${lockTimeoutMs}`);
  // An autovacuum gives way to a session only after that has waited for deadlock_timeout, by default longer than
  // our lock_timeout: where we may, we ask sooner.
  await sql(
    `SELECT set_config('deadlock_timeout', $1, false) WHERE has_parameter_privilege('deadlock_timeout', 'SET')`,
    [`${Math.max(Math.round(lockTimeoutMs / 2), 1)}ms`],
  );
}

/** Runs `work` with every statement of the migration passing through our checks first. */
export async function guarded<T>(
  session: Session,
  options: { limits: Limits; log: Log; signal: AbortSignal },
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const { runner } = session;
  const plain = runner.query;
  const run = plain.bind(runner) as (...call: unknown[]) => Promise<unknown>;
  const guardedQuery = async (sql: string, ...rest: unknown[]): Promise<unknown> => {
    stopIfTold(options.signal);
    options.log.debug({ sql }, "statement");
    // Inside a transaction the locks of earlier statements are held while this one waits, so nothing is exempt.
    const kind: StatementKind = runner.isTransactionActive ? { patient: false } : kindOf(sql);
    if (!kind.patient) return run(sql, ...rest);
    const statement = () => patiently(session, options.limits, () => run(sql, ...rest));
    if (kind.index) return building(session, kind.index, options.log, statement);
    return kind.rebuilt ? rebuilding(session, kind.rebuilt, options.log, statement) : statement();
  };
  runner.query = guardedQuery as typeof runner.query;
  try {
    return await work(runner);
  } finally {
    runner.query = plain;
  }
}

async function patiently<T>(session: Session, limits: Limits, statement: () => Promise<T>): Promise<T> {
  await session.sql(`SET lock_timeout = 0; SET statement_timeout = ${limits.statementBudgetMs}`);
  try {
    return await statement();
  } finally {
    // A lost session has no settings to put back, and its own error is the one to report.
    if (session.lost() === undefined) {
      await session.sql(`RESET statement_timeout; SET lock_timeout = ${limits.lockTimeoutMs}`);
    }
  }
}
