import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { backfillFolder, changes, checkpoint, createCounted, fillKind } from "./support/backfill.ts";
import { start } from "./support/cli.ts";
import { connect, createDatabase, type TestDatabase, until } from "./support/database.ts";
import { startReplicated } from "./support/replica.ts";
import { startSlowRoad } from "./support/slow-road.ts";

const filled = async ({ query }: Pick<TestDatabase, "query">) =>
  Number((await query("SELECT count(kind)::int AS n FROM posts"))[0]?.n);

test("a database that gets slow to answer: the backfill rests, says so, and still ends", async () => {
  const database = await createDatabase();
  await createCounted(database, 6_000);
  const road = await startSlowRoad(database.url);
  const dir = await backfillFolder({ ...fillKind, batch: { initial: 100, max: 100 } });
  const running = start(["up"], { url: road.url, dir });
  await until("a quick start", async () => (await filled(database)) >= 500);
  road.delay(60);
  await until("the rest", async () => running.stderr().includes("the database is slow to answer"));
  const slow = await filled(database);
  await pause(1_500);
  // Seven answers a batch, each 60 ms late, would still be 300 rows; it takes a fraction of that.
  expect((await filled(database)) - slow).toBeLessThanOrEqual(200);
  road.delay(0);
  const finished = await running.finished;
  expect(finished.code).toBe(0);
  const rest = finished.log.find(({ message }) => message.includes("slow to answer"));
  expect(rest).toMatchObject({ probeMs: expect.any(Number), floorMs: expect.any(Number) });
  expect(Number(rest?.probeMs)).toBeGreaterThan(Number(rest?.floorMs) * 4);
  expect(finished.log.find(({ message }) => message.includes("is done"))?.restedMs).toBeGreaterThan(500);
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 6_000 }]);
});

test("a replica that falls behind is waited for", { timeout: 120_000 }, async () => {
  const { primary, replica } = await startReplicated();
  const url = await primary.createDatabase("shop");
  const client = await connect(url);
  const database = { query: async (text, values) => (await client.query(text, values)).rows } as TestDatabase;
  await createCounted(database, 2_000);
  const batch = { initial: 100, max: 100, maxLagBytes: 1_000 };
  await until("a replica in step", async () => {
    const rows = await database.query(
      "SELECT FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()",
    );
    return rows.length > 0;
  });
  await replica.query("SELECT pg_wal_replay_pause()");
  const running = start(["up"], { url, dir: await backfillFolder({ ...fillKind, batch }) });
  await until("the wait", async () => running.stderr().includes("waiting for replicas"));
  const waiting = await filled(database);
  expect(waiting).toBeLessThan(2_000);
  await pause(1_500);
  expect(await filled(database)).toBe(waiting);
  await replica.query("SELECT pg_wal_replay_resume()");
  const finished = await running.finished;
  expect(finished.code).toBe(0);
  expect(finished.stderr).toContain("the replicas have caught up");
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 2_000 }]);
  expect(await checkpoint(database)).toMatchObject({ state: "done" });
  await client.end();
});
