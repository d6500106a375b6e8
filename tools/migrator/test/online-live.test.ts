import type pg from "pg";
import { describe, expect, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { type TestDatabase, until, untilGone } from "./support/database.ts";
import { catalog } from "./support/online.ts";
import { type OnlineSource, onlineFolder } from "./support/online-folder.ts";
import { startProxy } from "./support/proxy.ts";
import { createShop, createShopDatabase } from "./support/shop.ts";
import { writing } from "./support/writing.ts";

const source = (up: string): OnlineSource => ({ name: "Change1700000001000", up });
const addForeignKey = source(
  `await online.addForeignKey(runner, { table: "posts", columns: ["category_id"], references: { table: "categories", columns: ["id"] } });`,
);
const setNotNull = source(`await online.setNotNull(runner, { table: "posts", column: "category_id" });`);
const addCheck = source(
  `await online.addCheckConstraint(runner, { table: "posts", name: "posts_short", check: "length(title) < 100" });`,
);
const addUnique = source(`await online.addUniqueConstraint(runner, { table: "posts", columns: ["slug"] });`);
const createIndex = source(
  `await online.createIndex(runner, { table: "posts", columns: ["slug"], name: "by_slug" });`,
);
const dropIndex = source(`await online.dropIndex(runner, { table: "posts", name: "by_slug" });`);

/** Somebody whose own maintenance keeps VALIDATE waiting: VACUUM and ANALYZE take the same lock. */
const maintenance = "LOCK TABLE posts IN SHARE UPDATE EXCLUSIVE MODE";
const insertion = "INSERT INTO posts (title) VALUES ('by a long transaction')";
const reading = "SELECT count(*) FROM posts WHERE slug = 'slug-1'";

async function holding(database: TestDatabase, sql: string): Promise<pg.Client> {
  const holder = await database.session("holder");
  await holder.query(`BEGIN; ${sql}`);
  return holder;
}

/** The modes the migrator's sessions hold or wait for on posts, once a statement waits that contains `text`. */
async function modesWhileWaiting(database: TestDatabase, text: string): Promise<string[]> {
  const rows = await until(`a wait in ${text}`, async () => {
    const found = await database.query<{ mode: string; waits: boolean }>(
      `SELECT l.mode, a.wait_event_type = 'Lock' AND a.query LIKE '%' || $1 || '%' AS waits
         FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.relation = 'posts'::regclass AND a.application_name = 'migrator' AND a.query LIKE '%' || $1 || '%'`,
      [text],
    );
    return found.some(({ waits }) => waits) ? found : undefined;
  });
  return [...new Set(rows.map(({ mode }) => mode))];
}

const stops = /^(Share|ShareRowExclusive|Exclusive|AccessExclusive)Lock$/;

/** What the running code does, with no patience at all: whatever has to wait for a lock fails. */
async function useTheTable(database: TestDatabase): Promise<void> {
  const app = await database.session("app");
  await app.query("SET lock_timeout = '1ms'");
  await app.query("INSERT INTO posts (title, slug, category_id) VALUES ('new', gen_random_uuid()::text, 1)");
  await app.query("UPDATE posts SET body = 'changed', category_id = 2 WHERE id = 1");
  await app.query("DELETE FROM posts WHERE id = 2");
  await app.query("SELECT * FROM posts ORDER BY id DESC LIMIT 10");
  await app.end();
}

describe("while its long statement waits, the application does not", () => {
  test.each([
    [
      "addForeignKey",
      addForeignKey,
      "ALTER TABLE posts ADD CONSTRAINT posts_category_id_fkey FOREIGN KEY (category_id) REFERENCES categories (id) NOT VALID",
      maintenance,
      "VALIDATE",
    ],
    [
      "setNotNull",
      setNotNull,
      "ALTER TABLE posts ADD CONSTRAINT posts_category_id_not_null_check CHECK (category_id IS NOT NULL) NOT VALID",
      maintenance,
      "VALIDATE",
    ],
    [
      "addCheckConstraint",
      addCheck,
      "ALTER TABLE posts ADD CONSTRAINT posts_short CHECK (length(title) < 100) NOT VALID",
      maintenance,
      "VALIDATE",
    ],
    ["addUniqueConstraint", addUnique, "SELECT 1", insertion, "CREATE UNIQUE INDEX CONCURRENTLY"],
    ["createIndex", createIndex, "SELECT 1", insertion, "CREATE INDEX CONCURRENTLY"],
    ["dropIndex", dropIndex, "CREATE INDEX by_slug ON posts (slug)", reading, "DROP INDEX CONCURRENTLY"],
  ])("%s", async (_, migration, before, block, statement) => {
    const database = await createShopDatabase();
    // The short lock of the first step, if any, is behind it: an interrupted run goes on with the long one.
    await database.query(before);
    const holder = await holding(database, block);
    const running = start(["up"], { url: database.url, dir: await onlineFolder([createShop], migration) });
    const modes = await modesWhileWaiting(database, statement);
    expect(modes).toContain("ShareUpdateExclusiveLock");
    expect(modes.filter((mode) => stops.test(mode))).toEqual([]);
    await useTheTable(database);
    await holder.query("COMMIT");
    const run = await running.finished;
    expect(run.code).toBe(0);
    expect(run.log.filter(({ lock }) => lock !== undefined).length).toBeGreaterThan(0);
  });
});

/** The catalog after the migration, and a database where it has yet to run. */
async function beforeAndAfter(migration: OnlineSource) {
  const whole = await createShopDatabase();
  const database = await createShopDatabase();
  for (const each of [whole, database]) {
    if (migration === dropIndex) await each.query("CREATE INDEX by_slug ON posts (slug)");
  }
  const dir = await onlineFolder([createShop], migration);
  expect((await migrator(["up"], { url: whole.url, dir })).code).toBe(0);
  return { database, dir, expected: await catalog(whole, "public") };
}

async function expectTheSameAfter(database: TestDatabase, dir: string, expected: string[]): Promise<void> {
  await untilGone(database);
  const retry = await migrator(["up"], { url: database.url, dir });
  expect(retry.summary.message).toContain("applied Change1700000001000");
  expect(await catalog(database, "public")).toEqual(expected);
}

describe("SIGKILL between a statement and its answer: the next run goes on from there", () => {
  test.each([
    ["addForeignKey", "ADD CONSTRAINT", addForeignKey],
    ["addForeignKey", "VALIDATE", addForeignKey],
    ["setNotNull", "ADD CONSTRAINT", setNotNull],
    ["setNotNull", "VALIDATE", setNotNull],
    ["setNotNull", "SET NOT NULL", setNotNull],
    ["setNotNull", "DROP CONSTRAINT", setNotNull],
    ["addUniqueConstraint", "CREATE UNIQUE INDEX CONCURRENTLY", addUnique],
    ["addUniqueConstraint", "ADD CONSTRAINT", addUnique],
  ] as const)("%s after %s", async (_, statement, migration) => {
    const { database, dir, expected } = await beforeAndAfter(migration);
    const proxy = await startProxy(database.url, { silentAfter: (message) => message.includes(statement) });
    const running = start(["up"], { url: proxy.url, dir });
    await until(`the end of ${statement}`, async () => {
      const rows = await database.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'migrator' AND datname = $1 AND state = 'idle' AND query LIKE '%' || $2 || '%'`,
        [database.name, statement],
      );
      return rows.length > 0;
    });
    running.process.kill("SIGKILL");
    await running.finished;
    await expectTheSameAfter(database, dir, expected);
  });
});

describe("ended in the middle of a statement", () => {
  test.each([
    ["addUniqueConstraint", "SIGKILL", addUnique, insertion, "CREATE UNIQUE INDEX CONCURRENTLY"],
    ["addUniqueConstraint", "pg_terminate_backend", addUnique, insertion, "CREATE UNIQUE INDEX CONCURRENTLY"],
    ["dropIndex", "SIGKILL", dropIndex, reading, "DROP INDEX CONCURRENTLY"],
    ["dropIndex", "pg_terminate_backend", dropIndex, reading, "DROP INDEX CONCURRENTLY"],
  ])(
    "%s by %s leaves an invalid index, which the next run repairs",
    async (_, how, migration, block, statement) => {
      const { database, dir, expected } = await beforeAndAfter(migration);
      const holder = await holding(database, block);
      const running = start(["up"], { url: database.url, dir });
      await modesWhileWaiting(database, statement);
      if (how === "SIGKILL") running.process.kill("SIGKILL");
      else
        await database.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE $1",
          [`${statement}%`],
        );
      const { code } = await running.finished;
      if (how !== "SIGKILL") expect(code).toBe(30);
      await untilGone(database);
      expect((await catalog(database, "public")).some((line) => line.endsWith("INVALID"))).toBe(true);
      await holder.query("COMMIT");
      await expectTheSameAfter(database, dir, expected);
    },
  );
});

test("all of them beside an application that writes all the time: nobody fails", async () => {
  const database = await createShopDatabase();
  const app = await writing(database, "body");
  const sources = [addForeignKey, addCheck, addUnique, createIndex, dropIndex];
  const dir = await onlineFolder(
    [createShop],
    ...sources.map(({ up }, index) => ({ name: `Change${1_700_000_001_000 + index}`, up })),
  );
  const run = await migrator(["up", "--json"], { url: database.url, dir });
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout).applied.length).toBe(sources.length);
  expect(await app.stop()).toBeGreaterThan(10);
});

test("a short lock that is not granted is given up and tried again, from what is there", async () => {
  const database = await createShopDatabase();
  const holder = await holding(database, "SELECT 1 FROM posts LIMIT 1");
  const dir = await onlineFolder([createShop], setNotNull);
  const running = start(["up", "--json", "--lock-timeout", "100ms"], { url: database.url, dir });
  await until("a retry", async () => running.stderr().includes("lock not granted in time"));
  await holder.query("COMMIT");
  const run = await running.finished;
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout).applied[0].attempts).toBeGreaterThan(1);
  expect(await catalog(database, "public")).toContain("posts.category_id bigint NOT NULL");
});
