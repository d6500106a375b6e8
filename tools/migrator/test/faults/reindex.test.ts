import { expect, test } from "vitest";
import { migrator, start } from "../support/cli.ts";
import { createDatabase, type TestDatabase, until, untilGone } from "../support/database.ts";
import { createPosts, migrationsFolder } from "../support/folder.ts";

const rebuild = (what: string) =>
  migrationsFolder(createPosts, {
    name: "Rebuild1700000001000",
    transaction: false,
    up: `REINDEX ${what}`,
  });

const indexes = (database: TestDatabase) =>
  database.query<{ name: string; valid: boolean }>(
    `SELECT c.relname AS name, i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = 'posts'::regclass ORDER BY 1`,
  );

const untilHalfDone = (database: TestDatabase) =>
  until("a new, invalid index", async () => (await indexes(database)).some(({ valid }) => !valid));

async function withPosts(): Promise<TestDatabase> {
  const database = await createDatabase();
  await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
  return database;
}

test("REINDEX CONCURRENTLY that runs out of its budget leaves no _ccnew", async () => {
  const database = await withPosts();
  const report = await database.session("report");
  await report.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
  const dir = await rebuild("INDEX CONCURRENTLY posts_pkey");
  const run = await migrator(["up", "--statement-budget", "1s"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.stderr).toContain("posts_pkey_ccnew");
  expect(await indexes(database)).toEqual([{ name: "posts_pkey", valid: true }]);
});

test("one that cannot be dropped is named in the error", async () => {
  const database = await withPosts();
  const writer = await database.session("writer");
  await writer.query("BEGIN; INSERT INTO posts DEFAULT VALUES");
  const dir = await rebuild("INDEX CONCURRENTLY posts_pkey");
  const run = await migrator(["up", "--statement-budget", "1s"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.next).toMatch(/invalid index public.posts_pkey_ccnew it left could not be dropped/);
});

test("SIGKILL in REINDEX TABLE CONCURRENTLY: the next run drops what is left and rebuilds", async () => {
  const database = await withPosts();
  const writer = await database.session("writer");
  await writer.query("BEGIN; INSERT INTO posts DEFAULT VALUES");
  const dir = await rebuild("TABLE CONCURRENTLY posts");
  const running = start(["up"], { url: database.url, dir });
  await untilHalfDone(database);
  running.process.kill("SIGKILL");
  await untilGone(database);
  await writer.query("COMMIT");
  expect(await indexes(database)).toContainEqual({ name: "posts_pkey_ccnew", valid: false });
  const retry = await migrator(["up"], { url: database.url, dir });
  expect(retry.code, retry.stderr).toBe(0);
  expect(await indexes(database)).toEqual([{ name: "posts_pkey", valid: true }]);
});
