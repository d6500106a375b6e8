import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { backfillFolder, changes, checkpoint, createCounted, fillKind } from "./support/backfill.ts";
import { migrator, start } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";

/** A change that takes so many milliseconds a row, with its lock held. */
const slowly = (ms: number) => ({
  ...fillKind,
  set: `kind = (SELECT 'note' FROM pg_sleep(${ms / 1000} * (posts.id - posts.id + 1)))`,
});

test("rows that are slow to change: nobody waits for one of them longer than lock_timeout", async () => {
  const database = await createDatabase();
  await createCounted(database, 100);
  const running = start(["up", "--lock-timeout", "400ms"], {
    url: database.url,
    dir: await backfillFolder(slowly(15)),
  });
  const service = await database.session("blog@1700000000000");
  let worst = 0;
  while (running.process.exitCode === null) {
    const asked = performance.now();
    await service.query("UPDATE posts SET body = 'edited' WHERE id = 5");
    worst = Math.max(worst, performance.now() - asked);
    await pause(20);
  }
  const finished = await running.finished;
  expect(finished.code).toBe(0);
  expect(finished.stderr).toContain("took longer than lock_timeout; taking fewer rows");
  expect(worst).toBeGreaterThan(50);
  // All at once they would take 1.5 s.
  expect(worst).toBeLessThan(1_000);
  expect(await database.query("SELECT FROM posts WHERE kind IS NULL")).toEqual([]);
  expect(await checkpoint(database)).toMatchObject({ rows_done: "100", state: "done" });
});

test("one row that takes longer than lock_timeout: 20, with the row and what to do", async () => {
  const database = await createDatabase();
  await createCounted(database, 4);
  const options = { url: database.url, dir: await backfillFolder(slowly(300)) };
  const run = await migrator(["up", "--lock-timeout", "100ms"], options);
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain(
    "one row of posts takes longer than lock_timeout (100 ms) to change, and whoever wants it would wait as long (id up to 1)",
  );
  expect(await changes(database)).toEqual([{ kind: null, changes: 0, n: 4 }]);
});

test("old code that undoes it all the time: three sweeps, and a warning", async () => {
  const database = await createDatabase();
  await createCounted(database, 300);
  let writing = true;
  const writers = Array.from({ length: 4 }, async () => {
    const session = await database.session("blog@1700000000000");
    while (writing) {
      await session.query("UPDATE posts SET kind = NULL WHERE id = 1 + floor(random() * 300)");
      await pause(2);
    }
  });
  const running = start(["up"], { url: database.url, dir: await backfillFolder(slowly(1)) });
  const ended = await Promise.race([running.finished, pause(40_000)]);
  writing = false;
  await Promise.all(writers);
  expect(ended?.code).toBe(0);
  expect(ended?.log.filter(({ message }) => message.startsWith("swept up")).length).toBe(3);
  expect(ended?.stderr).toContain("every sweep of posts finds new rows");
  expect(await checkpoint(database)).toMatchObject({ state: "done" });
});

test("rows that row-level security hides are not left out in silence", async () => {
  const database = await createDatabase();
  await createCounted(database, 10);
  await database.query(`ALTER TABLE posts ENABLE ROW LEVEL SECURITY; ALTER TABLE posts FORCE ROW LEVEL SECURITY;
    CREATE POLICY odd ON posts USING (id % 2 = 1)`);
  const dir = await backfillFolder(fillKind);
  const run = await migrator(["up"], { url: database.url, dir });
  expect([run.code, run.summary.message]).toEqual([20, expect.stringContaining("row-level security hides")]);
  await database.query("ALTER TABLE posts NO FORCE ROW LEVEL SECURITY");
  expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 10 }]);
});

test("nor those of another table that the change is computed from; the session's setting is put back", async () => {
  const database = await createDatabase();
  await createCounted(database, 10);
  await database.query(`CREATE TABLE kinds (name text); INSERT INTO kinds VALUES ('note');
    CREATE TABLE seen (setting text)`);
  const dir = await backfillFolder(
    { ...fillKind, set: "kind = (SELECT coalesce(max(name), 'none') FROM kinds)" },
    { afterwards: "await queryRunner.query(`INSERT INTO seen SELECT current_setting('row_security')`);" },
  );
  await database.query(
    "ALTER TABLE kinds ENABLE ROW LEVEL SECURITY; ALTER TABLE kinds FORCE ROW LEVEL SECURITY",
  );
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.code).not.toBe(0);
  expect(run.summary.message).toContain('row-level security policy for table "kinds"');
  expect(await changes(database)).toEqual([{ kind: null, changes: 0, n: 10 }]);
  await database.query("ALTER TABLE kinds DISABLE ROW LEVEL SECURITY");
  expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
  expect(await database.query("SELECT * FROM seen")).toEqual([{ setting: "on" }]);
});

test("no room for a second session: it goes on without looking at the load, and says so once", async () => {
  const database = await createDatabase();
  await createCounted(database, 500);
  const admin = await database.admin();
  // One is this test's.
  await admin.query(`ALTER ROLE ${database.name} CONNECTION LIMIT 2`);
  const run = await migrator(["up"], { url: database.url, dir: await backfillFolder(fillKind) });
  expect(run.code).toBe(0);
  const warnings = run.log.filter(({ level }) => level === "warn");
  expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining("no second session")]);
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 500 }]);
});
