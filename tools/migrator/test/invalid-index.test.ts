import { expect, test } from "vitest";
import { type Finished, migrator, start } from "./support/cli.ts";
import { createDatabase, type TestDatabase, until } from "./support/database.ts";
import { createPosts, indexTitles, migrationsFolder } from "./support/folder.ts";

const uniqueTitles = {
  ...indexTitles,
  up: "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS posts_title ON posts (title)",
};

async function withPosts(...titles: string[]): Promise<TestDatabase> {
  const database = await createDatabase();
  await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
  for (const title of titles) await database.query("INSERT INTO posts (title) VALUES ($1)", [title]);
  return database;
}

const index = async (database: TestDatabase) => {
  const [row] = await database.query<{ ready: boolean }>(
    "SELECT indisready AS ready FROM pg_index WHERE indexrelid = to_regclass('posts_title')",
  );
  return row;
};

/** The running code is not bound by an index that was never finished. */
async function expectNothingLeft(database: TestDatabase): Promise<void> {
  expect(await index(database)).toBeUndefined();
  await database.query("INSERT INTO posts (title) VALUES ('twice'), ('twice')");
}

/** An old snapshot: a build is ready, so writes maintain it, but waits for this one before it is valid. */
const oldSnapshot = async (database: TestDatabase) =>
  (await database.session("report")).query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");

test("a unique index that cannot be built is gone before the error is told", async () => {
  const database = await withPosts("same", "same");
  const dir = await migrationsFolder(createPosts, uniqueTitles);
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain("could not create unique index");
  await expectNothingLeft(database);
});

test("SIGTERM late in the build: the ready, invalid index is dropped", async () => {
  const database = await withPosts();
  await oldSnapshot(database);
  const dir = await migrationsFolder(createPosts, uniqueTitles);
  const running = start(["up"], { url: database.url, dir });
  await until("an index that is ready", async () => (await index(database))?.ready);
  running.process.kill("SIGTERM");
  expect((await running.finished).code).toBe(143);
  await expectNothingLeft(database);
});

test("the end of the statement budget late in the build: the same, whatever search_path was set", async () => {
  const database = await withPosts();
  await database.query("CREATE SCHEMA blog; ALTER TABLE posts SET SCHEMA blog");
  await oldSnapshot(database);
  const up = ["SET search_path = blog", uniqueTitles.up];
  const dir = await migrationsFolder(createPosts, { ...uniqueTitles, up });
  const run = await migrator(["up", "--statement-budget", "500ms"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain("statement timeout");
  await database.query("SET search_path = blog");
  await expectNothingLeft(database);
});

test.each([
  ["the statement budget", 20],
  ["SIGTERM", 143],
] as const)("an index that cannot be dropped in time after %s is named in the error", async (what, code) => {
  const database = await withPosts();
  const writer = await database.session("writer");
  await writer.query("BEGIN; INSERT INTO posts (title) VALUES ('x')");
  const dir = await migrationsFolder(createPosts, uniqueTitles);
  const flags = code === 20 ? ["--statement-budget", "500ms"] : [];
  const running = start(["up", ...flags], { url: database.url, dir });
  await until("the index", () => index(database));
  if (what === "SIGTERM") running.process.kill("SIGTERM");
  const run: Finished = await running.finished;
  expect(run.code).toBe(code);
  expect(run.summary.next).toMatch(/invalid index public.posts_title .* could not be dropped/);
  // The log says why as well, without a stack: that is for --verbose.
  expect(run.stderr).toContain("could not drop the invalid index");
  expect(run.stderr).not.toMatch(/\\n\s+at |"stack"/);
  await writer.query("COMMIT");
  expect(await index(database)).toBeDefined();
});
