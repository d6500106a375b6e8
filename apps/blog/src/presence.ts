import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { applicationName } from "./data-source.ts";
import { BelowFloor, type RecordPlace, refuseBelowFloor } from "./floor.ts";
import type { Log } from "./log.ts";

export interface Presence {
  /**
   * For each new connection of the pool. It bears the same name, so while the presence session is lost (which we may
   * not know yet) it is what a migrator sees of us, and the order holds for it, too: connected first, floor second.
   */
  check(connection: pg.ClientBase): Promise<void>;
  /** Whether the session is open, as far as we know. */
  readonly open: boolean;
  close(): Promise<void>;
}

interface Options {
  url: string;
  level: string;
  log: Log;
  /** Where the floor is; public.migrations_floor when not given. */
  record?: RecordPlace;
  /** Called when a session was opened again and the floor has meanwhile risen above our level. */
  onBelowFloor: (error: BelowFloor) => void;
  /** Longest pause between attempts to come back; the first is at most 100 ms. */
  maxBackoffMs?: number;
  heartbeatMs?: number;
}

/**
 * One session for the life of the process, by which a migrator sees that a release of this level is alive.
 *
 * The order is the whole point: session first, floor second. The migrator proposes a floor first and looks for
 * sessions second. So however the two race, at least one of them sees the other: either the migrator finds us
 * and waits, or we find the floor and leave. A lost session proves nothing, so both are done again.
 */
export async function openPresence(options: Options): Promise<Presence> {
  const { url, level, log, record, onBelowFloor, maxBackoffMs = 5000, heartbeatMs = 10_000 } = options;
  const stop = new AbortController();
  let client = await openSession(url, level, record);
  let open = true;
  void watch();

  async function watch(): Promise<void> {
    while (!stop.signal.aborted) {
      const cause = await lost(client, heartbeatMs);
      open = false;
      if (stop.signal.aborted) return;
      log.warn({ cause }, "presence session lost; serving goes on while it is opened again");
      await reopen();
    }
  }

  async function reopen(): Promise<void> {
    for (
      let pause = Math.min(100, maxBackoffMs);
      !stop.signal.aborted;
      pause = Math.min(pause * 2, maxBackoffMs)
    ) {
      // Jitter, so that replicas cut off together do not come back together.
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) return;
      try {
        client = await openSession(url, level, record);
        if (stop.signal.aborted) return void (await client.end());
        open = true;
        return log.info("presence session open again");
      } catch (error) {
        if (error instanceof BelowFloor) {
          stop.abort();
          return onBelowFloor(error);
        }
        log.warn({ cause: message(error) }, "presence session not yet open again");
      }
    }
  }

  return {
    async check(connection) {
      await refuseBelowFloor(connection, level, record).catch((error: unknown) => {
        if (error instanceof BelowFloor) onBelowFloor(error);
        throw error;
      });
    },
    get open() {
      return open;
    },
    async close() {
      stop.abort();
      await client.end().catch(() => {});
    },
  };
}

async function openSession(url: string, level: string, record?: RecordPlace): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName(level),
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Errors of a connection that is being given up are reported by the calls below or by lost().
  client.on("error", () => {});
  try {
    await client.connect();
    await refusePooler(client);
    await refuseBelowFloor(client, level, record);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** A pooler announces process ids of its own, and shares server sessions out: ours might not be there to be seen. */
async function refusePooler(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const { processID } = client as unknown as { processID: number };
  if (rows[0]?.pid === processID) return;
  throw new Error(
    "DATABASE_URL leads through a connection pooler (PgBouncer or the like), behind which a migrator cannot see " +
      "that this release is alive: give it the URL of the PostgreSQL server itself",
  );
}

/** Resolves with the reason once the session is gone; a heartbeat finds out where no FIN ever arrives. */
function lost(client: pg.Client, heartbeatMs: number): Promise<string> {
  return new Promise((resolve) => {
    const done = (reason: string) => {
      clearInterval(heartbeat);
      resolve(reason);
    };
    const heartbeat = setInterval(() => {
      client.query("SELECT 1").catch((error: unknown) => {
        void client.end().catch(() => {});
        done(message(error));
      });
    }, heartbeatMs);
    heartbeat.unref();
    client.once("error", (error) => done(error.message));
    client.once("end", () => done("the connection ended"));
  });
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));
