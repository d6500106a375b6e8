import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Sql } from "../database/session.ts";
import { type HeldLock, readLocks } from "./locks.ts";

/**
 * Runs a statement that cannot be looked at from inside its transaction (CONCURRENTLY, VACUUM) and reads its locks
 * from a second session. So that this does not depend on luck, sessions of ours stand in its way: the first holds a
 * lock that conflicts with anything that changes a table, the ones after it a writer's lock and a snapshot, for which
 * CONCURRENTLY waits between its steps. Each time the statement waits for us, its locks are read, the next session
 * takes position, and the one in the way lets go.
 */
export async function watchWhile<T>(url: string, pid: number, statement: () => Promise<T>) {
  const observer = await connect(url);
  const barriers: Barrier[] = [];
  try {
    // An autovacuum may be at a table; it is soon done.
    barriers.push(await standInTheWay(url, "SHARE UPDATE EXCLUSIVE", "10s"));
    const seen = new Map<string, HeldLock>();
    let ended = false;
    const outcome = statement()
      .then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      )
      .finally(() => {
        ended = true;
      });
    while (!ended) {
      const barrier = barriers.at(-1);
      if (barrier !== undefined && (await waitsFor(observer.sql, pid, barrier.pid))) {
        for (const lock of await readLocks(observer.sql, pid)) seen.set(`${lock.oid} ${lock.mode}`, lock);
        // A statement that wants to keep everybody out cannot be stopped a second time.
        const next = await standInTheWay(url, "ROW EXCLUSIVE", "1ms").catch(() => undefined);
        await barriers.pop()?.leave();
        if (next !== undefined) barriers.push(next);
      }
      await sleep(5);
    }
    const ending = await outcome;
    if ("error" in ending) throw ending.error;
    return { result: ending.result, locks: [...seen.values()] };
  } finally {
    for (const barrier of barriers) await barrier.leave();
    await observer.leave();
  }
}

interface Barrier {
  pid: number;
  sql: Sql;
  leave(): Promise<void>;
}

async function connect(url: string): Promise<Barrier> {
  const client = new pg.Client({ connectionString: url, application_name: "migrator watching" });
  client.on("error", () => {});
  await client.connect();
  const sql: Sql = async (text, values) => (await client.query(text, values && [...values])).rows;
  const [{ pid } = { pid: 0 }] = await sql<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return { pid, sql, leave: () => client.end() };
}

async function standInTheWay(url: string, mode: string, lockTimeout: string): Promise<Barrier> {
  const barrier = await connect(url);
  try {
    const tables = await barrier.sql<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY c.oid`,
    );
    await barrier.sql(`SET lock_timeout = '${lockTimeout}'`);
    await barrier.sql("BEGIN ISOLATION LEVEL REPEATABLE READ");
    if (tables.length > 0) {
      await barrier.sql(`LOCK TABLE ${tables.map(({ name }) => name).join(", ")} IN ${mode} MODE`);
    }
    await barrier.sql("SELECT 1");
    return barrier;
  } catch (error) {
    await barrier.leave();
    throw error;
  }
}

async function waitsFor(sql: Sql, pid: number, barrier: number): Promise<boolean> {
  const [row] = await sql<{ waits: boolean }>("SELECT $2::int = ANY (pg_blocking_pids($1)) AS waits", [
    pid,
    barrier,
  ]);
  return row?.waits === true;
}
