import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";
import { until } from "./until.ts";

export interface Release {
  /** Undefined once no session of the one that is cut off holds anything, else what it is. */
  held(deadline: number): Promise<string | undefined>;
  /** The same for its sessions, also those that hold nothing and wait for a client that is gone. */
  there(deadline: number): Promise<string | undefined>;
  /** When each was so for good, by performance.now(). */
  at(): { freed: number | undefined; gone: number | undefined };
  stop(): Promise<void>;
}

interface Left {
  pid: number;
  state: string;
  query: string;
  holds: boolean;
}

/** Looks again and again what the server still has of a migrator that came by a certain way. */
export function watchRelease(database: Database, ours: () => string): Release {
  const at: ReturnType<Release["at"]> = { freed: undefined, gone: undefined };
  let left: Left[] = [];
  let over = false;
  const look = async () => {
    left = await database.query<Left>(
      `SELECT a.pid, a.state, left(a.query, 60) AS query, a.state IS DISTINCT FROM 'idle' OR EXISTS (
                SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.granted AND l.locktype <> 'virtualxid') AS holds
         FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.application_name = 'migrator' AND ${ours()}`,
    );
    const now = performance.now();
    at.freed = left.some(({ holds }) => holds) ? undefined : (at.freed ?? now);
    at.gone = left.length > 0 ? undefined : (at.gone ?? now);
  };
  const watching = (async () => {
    for (; !over; await sleep(100)) await look();
  })();
  const by = async (what: "freed" | "gone", deadline: number) =>
    (await until(async () => at[what], deadline - performance.now(), 50)) ? undefined : JSON.stringify(left);
  return {
    held: (deadline) => by("freed", deadline),
    there: (deadline) => by("gone", deadline),
    at: () => at,
    async stop() {
      over = true;
      await watching;
    },
  };
}
