import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@schema-rollout/scratch-postgres";
import { expect, inject, onTestFinished, test } from "vitest";
import {
  backfillFolder,
  backfillName,
  changes,
  checkpoint,
  createCounted,
  fillKind,
} from "./support/backfill.ts";
import { migrator, start } from "./support/cli.ts";
import { connect, createDatabase, type TestDatabase, until, untilGone } from "./support/database.ts";

const rows = 6_000;
const batchSize = 100;
const batch = { initial: batchSize, max: batchSize, throttle: false };

const rowsDone = async (database: TestDatabase) => {
  const [there] = await database.query("SELECT to_regclass('migrations_backfill') AS yes");
  return there?.yes ? Number((await checkpoint(database))?.rows_done ?? 0) : 0;
};

const killed =
  "SIGKILL at random moments, again and again: every row is changed once, at most a batch is tried anew";

test(killed, { timeout: 180_000 }, async () => {
  const database = await createDatabase();
  await createCounted(database, rows);
  const dir = await backfillFolder({ ...fillKind, batch });
  let kills = 0;
  let code: number | null = null;
  let before = 0;
  while (code === null) {
    const running = start(["up", "--wait", "10s"], { url: database.url, dir });
    const target = before + batchSize * (1 + Math.floor(Math.random() * 12));
    const moment = until(
      "progress",
      async () => running.process.exitCode !== null || (await rowsDone(database)) >= target,
    );
    await moment;
    await new Promise((done) => setTimeout(done, Math.random() * 15));
    running.process.kill("SIGKILL");
    const finished = await running.finished;
    if (finished.signal === null) code = finished.code;
    else kills += 1;
    await untilGone(database);
    const now = await rowsDone(database);
    // The checkpoint and the rows tell the same, whenever the process died.
    const [done] = await database.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM posts WHERE kind IS NOT NULL",
    );
    expect(now).toBe(done?.n);
    expect(now).toBeGreaterThanOrEqual(before);
    before = now;
  }
  expect(code).toBe(0);
  expect(kills).toBeGreaterThan(3);
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: rows }]);
  // A sequence keeps what a rolled back transaction took from it.
  const [tries] = await database.query<{ n: string }>("SELECT last_value AS n FROM tries");
  expect(Number(tries?.n)).toBeLessThanOrEqual(rows + kills * batchSize);
});

test("SIGTERM stops between batches, and the next run goes on", async () => {
  const database = await createDatabase();
  await createCounted(database, rows);
  const dir = await backfillFolder({ ...fillKind, batch });
  const running = start(["up"], { url: database.url, dir });
  await until("progress", async () => (await rowsDone(database)) >= 500);
  const told = Date.now();
  running.process.kill("SIGTERM");
  expect((await running.finished).code).toBe(143);
  expect(Date.now() - told).toBeLessThan(2_000);
  const before = await rowsDone(database);
  expect(before).toBeLessThan(rows);
  const retry = await migrator(["up"], { url: database.url, dir });
  expect(retry.code).toBe(0);
  expect(retry.log.find(({ message }) => message.startsWith("going on"))).toMatchObject({ rowsDone: before });
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: rows }]);
  expect(await checkpoint(database)).toMatchObject({ rows_done: String(rows), state: "done" });
});

test("PostgreSQL restarts in the middle: 30, and the next run goes on", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "migrator-restart-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const options = { version: inject("postgres"), dataDir };
  const first = await startPostgres(options);
  const url = await first.createDatabase("shop");
  const client = await connect(url);
  const query: TestDatabase["query"] = async (text, values) => (await client.query(text, values)).rows;
  await createCounted({ query } as TestDatabase, rows);
  const dir = await backfillFolder({ ...fillKind, batch });
  const running = start(["up"], { url, dir });
  await until("progress", async () => (await rowsDone({ query } as TestDatabase)) >= 500);
  client.on("error", () => undefined);
  await first.stop();
  const stopped = await running.finished;
  expect(stopped.code).toBe(30);
  expect(stopped.summary.next).toContain("Try again");

  const second = await startPostgres({ ...options, port: first.port });
  onTestFinished(() => second.stop());
  const retry = await migrator(["up"], { url, dir });
  expect(retry.code).toBe(0);
  expect(retry.stderr).toContain(`going on with the backfill of posts`);
  const again = await connect(url);
  onTestFinished(() => again.end());
  const counted = await again.query("SELECT kind, changes, count(*)::int AS n FROM posts GROUP BY 1, 2");
  expect(counted.rows).toEqual([{ kind: "note", changes: 1, n: rows }]);
  const record = await again.query("SELECT state FROM migrations_backfill WHERE name = $1", [backfillName]);
  expect(record.rows).toEqual([{ state: "done" }]);
});
