import type { Log } from "../log.ts";
import type { Session } from "./session.ts";

export interface Blocker {
  pid: number;
  applicationName: string | undefined;
  user: string | undefined;
  /** `idle in transaction`, `active`, …; hidden without pg_read_all_stats. */
  state: string | undefined;
}

export interface LockWait {
  /** The relation waited for; undefined for waits on another transaction's end. */
  relation: string | undefined;
  mode: string;
  blockers: Blocker[];
}

export interface Watch {
  /** The last wait seen, if any. */
  last(): LockWait | undefined;
  stop(): Promise<void>;
}

/** Looks from a second session at what the executing one waits for, so that a lock_timeout can name its cause. */
export function watchLockWaits(session: Session, everyMs: number, log: Log): Watch {
  let last: LockWait | undefined;
  let looking: Promise<void> | undefined;
  let told = "";
  const look = async () => {
    const seen = await currentWait(session);
    if (seen === undefined) return;
    last = seen;
    const summary = JSON.stringify(seen);
    // A build that waits for minutes says so once for each blocker, not five times a second.
    if (summary !== told) log.info({ wait: seen }, `waiting for a lock held by ${describeBlockers(seen)}`);
    told = summary;
  };
  const timer = setInterval(() => {
    // One at a time: where the server does not answer they would pile up, and stop() would wait for all of them.
    looking ??= look()
      .catch((err) => log.debug({ err }, "could not look at lock waits"))
      .finally(() => {
        looking = undefined;
      });
  }, everyMs);
  return {
    last: () => last,
    async stop() {
      clearInterval(timer);
      // Nobody may be left to answer.
      if (session.lost() === undefined) await looking;
    },
  };
}

async function currentWait({ aside, pid, schema }: Session): Promise<LockWait | undefined> {
  const rows = await aside<{
    relation: string | null;
    mode: string;
    pid: number;
    application_name: string | null;
    usename: string | null;
    state: string | null;
    backend_type: string | null;
  }>(
    `SELECT CASE WHEN n.nspname = $2 THEN quote_ident(c.relname) ELSE l.relation::regclass::text END AS relation, l.mode, b.pid, a.application_name, a.usename, a.state, a.backend_type
       FROM pg_locks l
      CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) AS b (pid)
       LEFT JOIN pg_stat_activity a ON a.pid = b.pid
       LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE l.pid = $1 AND NOT l.granted`,
    [pid, schema],
  );
  const [first] = rows;
  return (
    first && {
      relation: first.relation ?? undefined,
      mode: first.mode,
      blockers: rows.map((row) => ({
        pid: row.pid,
        applicationName: row.application_name || row.backend_type || undefined,
        user: row.usename ?? undefined,
        state: row.state ?? undefined,
      })),
    }
  );
}

/** "posts, held by pid 42 (blog@1750000000000, idle in transaction)". */
export function describeWait(wait: LockWait): string {
  return `${wait.relation ?? "another transaction"}, held by ${describeBlockers(wait)}`;
}

const describeBlockers = ({ blockers }: LockWait) =>
  blockers
    .map(({ pid, applicationName, state }) => {
      const facts = [applicationName, state].filter((fact) => fact !== undefined);
      return `pid ${pid}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
    })
    .join(", ");
