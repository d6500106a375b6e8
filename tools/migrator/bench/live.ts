import { setTimeout as sleep } from "node:timers/promises";
import type { ScratchPostgres } from "@schema-rollout/scratch-postgres";
import { connect, createDatabase, dropDatabase, fillPosts, urlOf, withClient } from "./database.ts";
import { round } from "./figures.ts";
import { type Latency, startLoad } from "./load.ts";
import type { Program } from "./program.ts";
import { waitsIn } from "./server-log.ts";
import { wearIn } from "./worn-in.ts";

export interface Live {
  rows: number;
  before: Latency;
  /** Column, foreign key, validation and index. */
  expand: Latency & { seconds: number };
  backfill: Latency & { seconds: number };
  p99Ratio: number;
  /** The longest wait of the service behind a lock of the migrator, held or asked for; waits under 10 ms are not seen. */
  longestWaitMs: number;
  waits: number;
  failed: number;
}

const beforeMs = 20_000;

/** Expand migrations and a backfill of every row, under a steady 200 writes and 200 reads a second. */
export async function measureLive(
  server: ScratchPostgres,
  program: Program,
  rows: number,
  serverLog: () => string,
): Promise<Live> {
  await createDatabase(server, "bench");
  const url = urlOf(server, "bench");
  await program.run(["up", "--to", "CreatePosts1700000000000"], url);
  await withClient(url, async (client) => {
    await fillPosts(client, rows);
    await client.query("VACUUM (ANALYZE) posts");
  });
  await wearIn(server);
  const load = startLoad(url, rows);
  const migrators = await watchMigrators(url);
  await sleep(5_000);
  const began = performance.now();
  await sleep(beforeMs);
  const expanding = performance.now();
  await program.run(["up"], url);
  const filling = performance.now();
  await program.run(["backfill", "FillCategory1700000004000"], url);
  const ended = performance.now();
  await load.stop();
  const pids = await migrators.stop();
  await allDone(url, rows);
  const ours = waitsIn(serverLog()).filter(
    ({ pid, behind }) => !pids.has(pid) && behind.some((other) => pids.has(other)),
  );
  await dropDatabase(server, "bench");
  const before = load.writes(began, expanding);
  return {
    rows,
    before,
    expand: { ...load.writes(expanding, filling), seconds: round((filling - expanding) / 1000, 1) },
    backfill: { ...load.writes(filling, ended), seconds: round((ended - filling) / 1000, 1) },
    p99Ratio: round(load.writes(expanding, ended).p99Ms / before.p99Ms, 2),
    longestWaitMs: round(Math.max(0, ...ours.map(({ ms }) => ms)), 1),
    waits: ours.length,
    failed: load.failed(),
  };
}

/** The process ids of every session a migrator had. */
async function watchMigrators(url: string) {
  const pids = new Set<number>();
  const client = await connect(url);
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'migrator'",
    );
    for (const { pid } of rows) pids.add(pid);
  };
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, 50);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      await client.end();
      return pids;
    },
  };
}

/** Rows that were there before must have a category; those of the old code that came later need not. */
const allDone = (url: string, rows: number) =>
  withClient(url, async (client) => {
    const { rows: left } = await client.query(
      "SELECT 1 FROM posts WHERE category_id IS NULL AND id <= $1 LIMIT 1",
      [rows],
    );
    if (left.length > 0) throw new Error("The backfill left rows without a category.");
  });

export function showLive({ rows, before, expand, backfill, ...live }: Live): string {
  const line = (what: string, { requests, p50Ms, p99Ms, maxMs }: Latency) =>
    `${what.padEnd(26)} ${String(requests).padStart(6)} writes   p50 ${p50Ms} ms   p99 ${p99Ms} ms   max ${maxMs} ms`;
  return [
    `under 200 writes/s and 200 reads/s, ${rows} rows`,
    line("  before", before),
    line(`  expand (${expand.seconds} s)`, expand),
    line(`  backfill (${backfill.seconds} s)`, backfill),
    `  p99 of the writes during / before   ${live.p99Ratio}`,
    `  longest wait for a lock of ours     ${live.longestWaitMs} ms (${live.waits} of 10 ms or more)`,
  ].join("\n");
}
