import { createHash } from "node:crypto";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import type { RecordTables } from "../record/tables.ts";
import type { Session, Sql } from "./session.ts";
import { pause } from "./wait.ts";

/** The two halves of the advisory lock's key, as pg_locks shows them. */
export interface LockKey {
  classid: number;
  objid: number;
}

/** One lock for each record table: two services in one database, each with its own schema, do not wait for each other. */
export function lockKey(tables: RecordTables): LockKey {
  const digest = createHash("sha256").update(`schema-rollout/migrator ${tables.migrations}`).digest();
  return { classid: digest.readInt32BE(0), objid: digest.readInt32BE(4) };
}

export interface LockHolder {
  pid: number;
  applicationName: string | undefined;
  /** When its session began. */
  since: string | undefined;
}

/**
 * Runs `work` once this session holds the lock, and gives it back. After a failure that is left to the end of the
 * session, which the caller brings about right after, and which nothing can prevent. The lock is polled for: a session that waits inside
 * pg_advisory_lock() has a snapshot, CREATE INDEX CONCURRENTLY of the holder waits for that snapshot to end, and
 * PostgreSQL resolves the circle by killing one of the two.
 */
export async function withLock<T>(
  session: Session,
  options: { key: LockKey; waitMs: number; log: Log; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const { key, waitMs, log, signal } = options;
  const started = Date.now();
  let announced = false;
  while (!(await tryLock(session.sql, key))) {
    const holder = await lockHolder(session.sql, key);
    const waited = Date.now() - started;
    if (waited >= waitMs) throw outlasted(holder, waitMs);
    if (!announced)
      log.info({ holder, waitMs: Math.round(waitMs) }, "another migrator holds the lock; waiting");
    announced = true;
    await pause(Math.min(100 + Math.random() * 200, Math.max(waitMs - waited, 1)), signal);
  }
  if (announced) log.info({ waitedMs: Date.now() - started }, "got the lock");
  return andUnlock(session, key, work);
}

/** The same without any waiting: undefined when another session holds the lock. */
export async function withLockIfFree<T>(
  session: Session,
  key: LockKey,
  work: () => Promise<T>,
): Promise<T | undefined> {
  return (await tryLock(session.sql, key)) ? andUnlock(session, key, work) : undefined;
}

async function andUnlock<T>({ sql }: Session, key: LockKey, work: () => Promise<T>): Promise<T> {
  const result = await work();
  await sql("SELECT pg_advisory_unlock($1::int, $2::int)", [key.classid, key.objid]);
  return result;
}

async function tryLock(sql: Sql, key: LockKey): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }>("SELECT pg_try_advisory_lock($1::int, $2::int) AS locked", [
    key.classid,
    key.objid,
  ]);
  return row?.locked === true;
}

export async function lockHolder(sql: Sql, key: LockKey): Promise<LockHolder | undefined> {
  const [row] = await sql<{ pid: number; application_name: string | null; backend_start: Date | null }>(
    `SELECT l.pid, a.application_name, a.backend_start
       FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid) WHERE ${ofKey}`,
    [key.classid, key.objid],
  );
  return (
    row && {
      pid: row.pid,
      applicationName: row.application_name ?? undefined,
      since: row.backend_start?.toISOString(),
    }
  );
}

/**
 * Called inside each transaction, where a pooler cannot change the server session under us: a lock that another
 * session holds protects nothing.
 */
export async function stillLocked(sql: Sql, key: LockKey): Promise<void> {
  const rows = await sql(`SELECT 1 FROM pg_locks l WHERE ${ofKey} AND l.pid = pg_backend_pid()`, [
    key.classid,
    key.objid,
  ]);
  if (rows.length > 0) return;
  throw new MigratorError(ExitCode.Usage, "This session does not hold the migrator's lock any more.", {
    next: "A connection pooler changed the session under us, or somebody released the lock: connect to PostgreSQL directly.",
  });
}

// pg_locks shows the signed halves as unsigned oids; objsubid 2 marks a key of two integers.
const ofKey = `l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
  AND l.classid = ($1::int)::bit(32)::bigint::oid AND l.objid = ($2::int)::bit(32)::bigint::oid
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

function outlasted(holder: LockHolder | undefined, waitMs: number): MigratorError {
  const who = holder ? `pid ${holder.pid} (${holder.applicationName || "unnamed"})` : "another session";
  return new MigratorError(
    ExitCode.LockHeld,
    `After ${Math.round(waitMs / 100) / 10} s ${who} still holds the migrator's lock.`,
    {
      next: "Wait for it to finish and run again, or raise --wait.",
      facts: { holder },
    },
  );
}
