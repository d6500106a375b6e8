import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { Cluster } from "../cluster/index.ts";
import { withDatabase } from "../install/database-session.ts";

/** Sessions that waited for locks of one table when the database was asked. */
export interface QueueSeen {
  /** ms since the epoch. */
  at: number;
  /** The table; "another transaction" where it is about a row. */
  what: string;
  /** The locks they want, as PostgreSQL names them. */
  modes: string;
  sessions: number;
  /** How long the first of them had waited by then. */
  longestMs: number;
}

export interface LockQueues {
  /** Oldest first; undefined as long as the database could not be asked. */
  seen(): QueueSeen[] | undefined;
  stop(): Promise<void>;
}

/** A wait that is shorter is no stall that anybody notices. */
const everyMs = 250;
const againMs = 1_000;

/** Everybody in this database but migrators: one that waits says so itself, and advisory locks are theirs. */
const waiting = {
  text: `
    SELECT coalesce(l.relation::regclass::text, 'another transaction') AS what,
           string_agg(DISTINCT l.mode, ', ' ORDER BY l.mode) AS modes,
           count(DISTINCT l.pid)::int AS sessions,
           round(extract(epoch FROM max(clock_timestamp() - l.waitstart)) * 1000)::int AS "longestMs"
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE NOT l.granted AND l.locktype <> 'advisory' AND l.waitstart IS NOT NULL
       AND a.datname = current_database() AND a.application_name IS DISTINCT FROM 'migrator'
     GROUP BY 1`,
  // A server that is being stopped answers nobody.
  query_timeout: 2_000,
};

/** Who waits in the database of this session, now. */
export async function whoWaits(client: Pick<Client, "query">): Promise<Omit<QueueSeen, "at">[]> {
  return (await client.query<Omit<QueueSeen, "at">>(waiting)).rows;
}

/** Looks at who waits for locks, beside the load, until it is stopped. A server that goes away is asked again. */
export function watchLockQueues(cluster: Cluster, namespace: string): LockQueues {
  const seen: QueueSeen[] = [];
  const over = new AbortController();
  let asked = false;
  const pause = (ms: number) => sleep(ms, undefined, { signal: over.signal }).catch(() => {});

  const look = () =>
    withDatabase(cluster, namespace, async (client) => {
      while (!over.signal.aborted) {
        const queues = await whoWaits(client);
        asked = true;
        const at = Date.now();
        for (const queue of queues) seen.push({ at, ...queue });
        await pause(everyMs);
      }
    });

  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      // A service may have a database we hold no Secret of: then nothing is said of queues, which is no fault of the run.
      await look().catch(() => pause(againMs));
    }
  }

  const watching = watch();
  return {
    seen: () => (asked ? seen : undefined),
    async stop() {
      over.abort();
      await watching;
    },
  };
}
