import { expect, test } from "vitest";
import { backfillFolder, changes, checkpoint, createCounted, fillKind } from "./support/backfill.ts";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, until } from "./support/database.ts";

const batch = { initial: 100, max: 100, throttle: false };

test("a locked row is passed over, and changed once it is free; nobody waits for the others meanwhile", async () => {
  const database = await createDatabase();
  await createCounted(database, 1_000);
  const holder = await database.session("blog@1700000000000");
  await holder.query("BEGIN; UPDATE posts SET body = 'held' WHERE id IN (150, 151)");
  const running = start(["up"], { url: database.url, dir: await backfillFolder({ ...fillKind, batch }) });
  await until("the first pass", async () => {
    const [row] = await database.query("SELECT to_regclass('migrations_backfill') AS there");
    return row?.there && (await checkpoint(database))?.cursor.sweeping;
  });
  expect(await changes(database)).toEqual([
    { kind: "note", changes: 1, n: 998 },
    { kind: null, changes: 0, n: 2 },
  ]);
  // The waiting migrator holds no row: another one can be written at once.
  await until("its wait", async () => {
    const [row] = await database.query(
      `SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'migrator' AND wait_event_type = 'Lock'`,
    );
    return row;
  });
  await database.query("BEGIN; SELECT FROM posts WHERE id = 149 FOR UPDATE NOWAIT");
  await database.query("UPDATE posts SET body = 'free' WHERE id = 149; COMMIT");
  await holder.query("COMMIT");
  expect((await running.finished).code).toBe(0);
  expect(
    await database.query("SELECT body, kind FROM posts WHERE id IN (149, 150, 151) ORDER BY id"),
  ).toEqual([
    { body: "free", kind: "note" },
    { body: "held", kind: "note" },
    { body: "held", kind: "note" },
  ]);
});

test("a row that stays locked: 11 after the budget, naming who holds it; what is done stays done", async () => {
  const database = await createDatabase();
  await createCounted(database, 300);
  const holder = await database.session("blog@1700000000000");
  await holder.query("BEGIN; SELECT FROM posts WHERE id = 7 FOR UPDATE");
  const dir = await backfillFolder({ ...fillKind, batch });
  const run = await migrator(["up", "--lock-timeout", "200ms", "--lock-budget", "1s"], {
    url: database.url,
    dir,
  });
  expect(run.code).toBe(11);
  expect(run.summary.message).toContain("blog@1700000000000");
  expect(await checkpoint(database)).toMatchObject({ rows_done: "299", state: "running" });
  await holder.query("ROLLBACK");
  expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 300 }]);
});

test("a table that is locked now and then: the budget starts anew with each batch that was committed", {
  timeout: 120_000,
}, async () => {
  const database = await createDatabase();
  await createCounted(database, 1_000);
  const dir = await backfillFolder({ ...fillKind, batch });
  const flags = ["--lock-timeout", "50ms", "--lock-budget", "2s"];
  const blocker = await database.session("blocker");
  const started = Date.now();
  const running = start(["up", ...flags], { url: database.url, dir });
  const finished = running.finished;
  // Each of these alone is within the budget; together they are several times as long.
  let blockedMs = 0;
  while (running.process.exitCode === null && blockedMs < 4_000) {
    await blocker.query("BEGIN; LOCK TABLE posts IN SHARE MODE");
    await new Promise((done) => setTimeout(done, 400));
    await blocker.query("COMMIT");
    blockedMs += 400;
    const before = Number((await database.query("SELECT count(kind)::int AS n FROM posts"))[0]?.n);
    await until("a batch", async () => {
      const [row] = await database.query<{ n: number }>("SELECT count(kind)::int AS n FROM posts");
      return running.process.exitCode !== null || (row && row.n > before) || row?.n === 1_000;
    });
  }
  expect((await finished).code).toBe(0);
  expect(Date.now() - started).toBeGreaterThan(blockedMs);
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 1_000 }]);
});
