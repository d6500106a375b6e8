import type pg from "pg";
import type { QueryRunner } from "typeorm";
import { restWithin } from "../bounds.ts";
import { onOwnPath, ownPath } from "../database/search-path.ts";
import { liveness, type Session } from "../database/session.ts";
import { stopIfTold } from "../database/wait.ts";
import type { Log } from "../log.ts";
import type { Journal } from "../record/journal.ts";
import { defaultIdleBudgetMs } from "./idle.ts";
import { attempt, type Call, noticeOthers, runOutside } from "./outside.ts";
import { expectSettled } from "./settled.ts";
import { refuseSkipped, watchSkipped } from "./skipped.ts";

export interface Limits {
  /** How long one statement may wait for a lock, and so make others wait behind it. */
  lockTimeoutMs: number;
  /** How long a statement that blocks nobody may take. */
  statementBudgetMs: number;
  /** How long a migration may go without a statement. */
  idleBudgetMs?: number;
}

/** A process that is frozen, or busy with something else, holds the locks of a transaction no longer than this. */
export const idleInTransactionMs = 10_000;

/**
 * The role we connected as, or the one that ALTER ROLE or the URL gives it, and our own search_path. RESET ALL leaves a
 * stray SET ROLE alone.
 */
export const ourselves = `RESET SESSION AUTHORIZATION; RESET ROLE; ${ownPath}`;

/** Settings of the executing session, put back before each migration whatever the last one left behind. */
export async function resetSession(
  { sql }: Session,
  { lockTimeoutMs, idleBudgetMs = defaultIdleBudgetMs }: Limits,
): Promise<void> {
  // RESET ALL undoes a stray SET search_path; it also undoes ours, so they follow.
  await sql(
    `RESET ALL; ${ourselves}; ${liveness}; SET lock_timeout = ${lockTimeoutMs};
     SET idle_in_transaction_session_timeout = ${idleInTransactionMs};
     SET idle_session_timeout = ${restWithin(idleBudgetMs)}`,
  );
  // An autovacuum gives way to a session only after that has waited for deadlock_timeout, by default longer than
  // our lock_timeout: where we may, we ask sooner.
  await sql(
    `SELECT set_config('deadlock_timeout', $1, false) WHERE has_parameter_privilege('deadlock_timeout', 'SET')`,
    [`${Math.max(Math.round(lockTimeoutMs / 2), 1)}ms`],
  );
}

interface Guard {
  limits: Limits;
  log: Log;
  signal: AbortSignal;
  /** Of a migration outside a transaction: the notes on what it has done. */
  journal: Journal | undefined;
}

/** Runs `work` with every statement of the migration passing through our checks first. */
export async function guarded<T>(
  session: Session,
  guard: Guard,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const { runner } = session;
  const { limits, log, journal } = guard;
  const plain = runner.query;
  const run = plain.bind(runner) as (...call: unknown[]) => Promise<unknown>;
  const outside = attempt({ session, limits, log, journal });
  const noticedNoMore = noticeOthers(outside);
  const client: pg.Client = await runner.connect();
  const skipped = watchSkipped(client);
  // A migration may also have said BEGIN itself, which TypeORM does not see.
  const inside = () => runner.isTransactionActive || /[TE]/.test(client.getTransactionStatus() ?? "");
  const guardedQuery = async (...call: Call): Promise<unknown> => {
    const [sql] = call;
    stopIfTold(guard.signal);
    log.debug({ sql }, "statement");
    const send = () => run(...call);
    // Inside a transaction the locks of earlier statements are held while this one waits, so nothing is exempt.
    const result = await (inside() ? send() : runOutside(outside, call, send));
    if (touchesLimits.test(sql)) await keepLimits(session, guard);
    await refuseSkipped(session, skipped.take());
    return result;
  };
  runner.query = guardedQuery as typeof runner.query;
  try {
    const result = await work(runner);
    if (journal !== undefined) await expectSettled(outside, journal);
    return result;
  } finally {
    skipped.stop();
    noticedNoMore();
    runner.query = plain;
  }
}

const touchesLimits = /lock_timeout|idle_in_transaction_session_timeout|\bRESET\s+ALL\b|\bDISCARD\s+ALL\b/i;

/** A migration may be stricter than we are, never looser: `SET lock_timeout = 0` is in every dump of pg_dump. */
async function keepLimits({ runner, sql }: Session, { limits, log }: Guard): Promise<void> {
  const loosened = await onOwnPath(sql, runner.isTransactionActive, () =>
    sql<{ name: string; ms: number }>(
      `SELECT name, ms, set_config(name, ms::text, false)
         FROM (VALUES ('lock_timeout', $1::integer), ('idle_in_transaction_session_timeout', $2)) AS ours (name, ms)
        WHERE extract(epoch FROM current_setting(name)::interval) * 1000 NOT BETWEEN 1 AND ms`,
      [limits.lockTimeoutMs, idleInTransactionMs],
    ),
  );
  for (const { name, ms } of loosened)
    log.warn({ setting: name, ms }, `a migration may lower ${name}, not raise it: set back to ${ms} ms`);
}
