import { describe, expect, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, type TestDatabase, until, untilGone, untilRunning } from "./support/database.ts";
import { addAuthor, createPosts, indexTitles, migrationsFolder } from "./support/folder.ts";
import { startProxy } from "./support/proxy.ts";

const slow = {
  name: "Slow1700000001000",
  up: [
    "ALTER TABLE posts ADD COLUMN slow text",
    "SELECT pg_sleep(60)",
    "ALTER TABLE posts ADD COLUMN never text",
  ],
};

const columns = async (database: TestDatabase) =>
  (
    await database.query<{ name: string }>(
      "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'posts' ORDER BY ordinal_position",
    )
  ).map(({ name }) => name);

const recorded = async (database: TestDatabase) =>
  (await database.query<{ name: string }>("SELECT name FROM migrations ORDER BY id")).map(({ name }) => name);

/** Waits until the index is in the catalog, invalid as it is while it is built. */
const untilBuilding = (database: TestDatabase) =>
  until("the index in the catalog", async () => {
    const [row] = await database.query<{ index: string | null }>(
      "SELECT to_regclass('posts_title') AS index",
    );
    return row?.index;
  });

/** The same migration, repaired, so that the next run can finish. */
const quick = { ...slow, up: ["ALTER TABLE posts ADD COLUMN slow text"] };

describe("SIGKILL", () => {
  test("in the middle of transactional DDL: rolled back, lock free within seconds, the retry is clean", async () => {
    const database = await createDatabase();
    const running = start(["up"], { url: database.url, dir: await migrationsFolder(createPosts, slow) });
    await untilRunning(database, "pg_sleep");
    running.process.kill("SIGKILL");
    expect((await running.finished).signal).toBe("SIGKILL");
    // client_connection_check_interval: the server finds out by itself, though the statement would take a minute.
    expect(await untilGone(database)).toBeLessThan(5_000);
    expect(await columns(database)).toEqual(["id", "title"]);
    expect(await recorded(database)).toEqual([createPosts.name]);
    const retry = await migrator(["up", "--wait", "5s"], {
      url: database.url,
      dir: await migrationsFolder(createPosts, quick),
    });
    expect(retry.code).toBe(0);
    expect(await columns(database)).toEqual(["id", "title", "slow"]);
  });

  test("after the commit, before anybody heard of it: the retry finds nothing to do", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts, addAuthor);
    await migrator(["up", "--to", createPosts.name], { url: database.url, dir });
    let working = false;
    const proxy = await startProxy(database.url, {
      silentAfter: (message) => {
        working ||= message.includes(String(addAuthor.up));
        return working && message.includes("COMMIT");
      },
    });
    const running = start(["up"], { url: proxy.url, dir });
    await until("the commit", async () => (await columns(database)).includes("author"));
    running.process.kill("SIGKILL");
    await running.finished;
    const retry = await migrator(["up", "--json"], { url: database.url, dir });
    expect(retry.code).toBe(0);
    expect(JSON.parse(retry.stdout).applied).toEqual([]);
    expect(await recorded(database)).toEqual([createPosts.name, addAuthor.name]);
  });

  test("in the middle of CREATE INDEX CONCURRENTLY: the invalid index is dropped and built again", async () => {
    const database = await createDatabase();
    await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
    const dir = await migrationsFolder(createPosts, indexTitles);
    const writer = await database.session("writer");
    await writer.query("BEGIN; INSERT INTO posts (title) VALUES ('x')");
    const running = start(["up"], { url: database.url, dir });
    await untilBuilding(database);
    running.process.kill("SIGKILL");
    await running.finished;
    await untilGone(database);
    await writer.query("COMMIT");
    const valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'posts_title'::regclass";
    expect(await database.query(valid)).toEqual([{ indisvalid: false }]);
    expect(await recorded(database)).toEqual([createPosts.name]);

    const retry = await migrator(["up"], { url: database.url, dir });
    expect(retry.code).toBe(0);
    expect(retry.stderr).toContain("dropping the invalid index");
    expect(await database.query(valid)).toEqual([{ indisvalid: true }]);
    expect(await recorded(database)).toEqual([createPosts.name, indexTitles.name]);
  });
});

describe("a signal that can be answered", () => {
  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("%s cancels the statement, rolls back, frees the lock and exits %i", async (signal, code) => {
    const database = await createDatabase();
    const running = start(["up"], { url: database.url, dir: await migrationsFolder(createPosts, slow) });
    await untilRunning(database, "pg_sleep");
    const told = Date.now();
    running.process.kill(signal);
    const finished = await running.finished;
    expect(finished.code).toBe(code);
    expect(Date.now() - told).toBeLessThan(3_000);
    expect(finished.summary.message).toBe(`Stopped by ${signal}.`);
    expect(await untilGone(database)).toBeLessThan(1_500);
    expect(await columns(database)).toEqual(["id", "title"]);
    const retry = await migrator(["up", "--wait", "0s"], {
      url: database.url,
      dir: await migrationsFolder(createPosts, quick),
    });
    expect(retry.code).toBe(0);
  });

  test("SIGTERM while waiting for the lock exits at once", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts, slow);
    const holder = start(["up"], { url: database.url, dir });
    await untilRunning(database, "pg_sleep");
    const waiting = start(["up"], { url: database.url, dir });
    await until("the second one's wait", async () =>
      waiting.stderr().includes("another migrator holds the lock"),
    );
    waiting.process.kill("SIGTERM");
    expect((await waiting.finished).code).toBe(143);
    holder.process.kill("SIGTERM");
    expect((await holder.finished).code).toBe(143);
  });

  test("SIGTERM in CREATE INDEX CONCURRENTLY leaves an invalid index for the next run to repair", async () => {
    const database = await createDatabase();
    await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
    const dir = await migrationsFolder(createPosts, indexTitles);
    const writer = await database.session("writer");
    await writer.query("BEGIN; INSERT INTO posts (title) VALUES ('x')");
    const running = start(["up"], { url: database.url, dir });
    await untilBuilding(database);
    running.process.kill("SIGTERM");
    expect((await running.finished).code).toBe(143);
    await writer.query("COMMIT");
    expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
    expect(
      await database.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'posts_title'::regclass"),
    ).toEqual([{ indisvalid: true }]);
  });
});
