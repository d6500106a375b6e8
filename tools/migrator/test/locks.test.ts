import { expect, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, type TestDatabase, until } from "./support/database.ts";
import { addAuthor, createPosts, migrationsFolder } from "./support/folder.ts";

async function withPosts(): Promise<TestDatabase> {
  const database = await createDatabase();
  expect((await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) })).code).toBe(
    0,
  );
  return database;
}

/** Somebody who read the table in a transaction and forgot to end it. */
async function idleHolder(database: TestDatabase) {
  const holder = await database.session("idle-holder");
  await holder.query("BEGIN; SELECT * FROM posts");
  return holder;
}

const quickly = ["--lock-timeout", "200ms", "--lock-budget", "2s"];

test("a holder that outlives the budget: retries, then 11, naming relation and holder; nothing changed", async () => {
  const database = await withPosts();
  await idleHolder(database);
  const dir = await migrationsFolder(createPosts, addAuthor);
  const running = start(["up", "--json", ...quickly], { url: database.url, dir });
  // Readers queue behind our waiting ALTER TABLE, so how long they stall is what lock_timeout bounds.
  const stalls: number[] = [];
  while (running.process.exitCode === null) {
    const started = performance.now();
    await database.query("SELECT count(*) FROM posts");
    stalls.push(performance.now() - started);
    await new Promise((done) => setTimeout(done, 10));
  }
  const run = await running.finished;
  expect(run.code).toBe(11);
  expect(run.summary.message).toMatch(
    /did not get the lock on posts, held by pid \d+ \(idle-holder, idle in transaction\)/,
  );
  expect(
    run.log.filter(({ message }) => message.startsWith("lock not granted in time")).length,
  ).toBeGreaterThan(1);
  expect(Math.max(...stalls)).toBeGreaterThan(100);
  // Without a timeout it would be as long as the holder stays; what is above 200 ms is the test's own slowness.
  expect(Math.max(...stalls)).toBeLessThan(200 + 600);
  expect(await database.query("SELECT count(*)::int AS n FROM migrations")).toEqual([{ n: 1 }]);
});

test("when the holder lets go, the next try succeeds", async () => {
  const database = await withPosts();
  const holder = await idleHolder(database);
  const dir = await migrationsFolder(createPosts, addAuthor);
  const running = start(["up", "--json", ...quickly, "--lock-budget", "20s"], { url: database.url, dir });
  await until("a first retry", async () => {
    const rows = await database.query(
      "SELECT 1 FROM pg_locks WHERE relation = 'posts'::regclass AND NOT granted",
    );
    return rows.length > 0;
  });
  await new Promise((done) => setTimeout(done, 500));
  await holder.query("COMMIT");
  const run = await running.finished;
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout).applied[0].attempts).toBeGreaterThan(1);
});

test("VALIDATE CONSTRAINT outside a transaction waits longer than lock_timeout; inside one it does not", async () => {
  const database = await withPosts();
  await database.query("ALTER TABLE posts ADD CONSTRAINT filled CHECK (title IS NOT NULL) NOT VALID");
  const holder = await database.session("holder");
  const up = "ALTER TABLE posts VALIDATE CONSTRAINT filled";
  const name = "Validate1700000005000";
  const block = () => holder.query("BEGIN; LOCK TABLE posts IN SHARE UPDATE EXCLUSIVE MODE");

  await block();
  const inside = await migrationsFolder(createPosts, { name, up });
  expect(
    (
      await migrator(["up", "--lock-timeout", "100ms", "--lock-budget", "300ms"], {
        url: database.url,
        dir: inside,
      })
    ).code,
  ).toBe(11);

  const outside = await migrationsFolder(createPosts, { name, up, transaction: false });
  const running = start(["up", "--json", "--lock-timeout", "100ms", "--lock-budget", "300ms"], {
    url: database.url,
    dir: outside,
  });
  await until("its wait", async () => {
    const [row] = await database.query(
      "SELECT 1 FROM pg_locks WHERE relation = 'posts'::regclass AND NOT granted",
    );
    return row;
  });
  // Longer than lock_timeout and the budget for locks together.
  await new Promise((done) => setTimeout(done, 800));
  await holder.query("COMMIT");
  const run = await running.finished;
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout).applied[0].attempts).toBe(1);
});

test("a statement budget ends a patient statement that takes too long", async () => {
  const database = await withPosts();
  await idleHolder(database);
  const up = "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_title ON posts (title)";
  const holder = await database.session("writer");
  await holder.query("BEGIN; INSERT INTO posts (title) VALUES ('x')");
  const dir = await migrationsFolder(createPosts, { name: "Index1700000005000", up, transaction: false });
  const run = await migrator(["up", "--statement-budget", "500ms"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain("statement timeout");
  expect(run.summary.next).toContain("repeatable");
});

test("an ordinary statement outside a transaction keeps its lock_timeout, also after a patient one", async () => {
  const database = await withPosts();
  await idleHolder(database);
  const dir = await migrationsFolder(createPosts, {
    name: "Mixed1700000005000",
    transaction: false,
    up: ["DROP INDEX CONCURRENTLY IF EXISTS nothing", "ALTER TABLE posts ADD COLUMN IF NOT EXISTS x text"],
  });
  const run = await migrator(["up", ...quickly, "--lock-budget", "500ms"], { url: database.url, dir });
  expect(run.code).toBe(11);
});

test("CREATE INDEX CONCURRENTLY without a name is refused: an interrupted one could not be found", async () => {
  const database = await withPosts();
  const up = "CREATE INDEX CONCURRENTLY ON posts (title)";
  const dir = await migrationsFolder(createPosts, { name: "Unnamed1700000005000", up, transaction: false });
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain("names no index");
});

test("the executing session notices a dead client, and asks an autovacuum to yield where it may", async () => {
  const database = await withPosts();
  const admin = await database.admin();
  await admin.query(`GRANT SET ON PARAMETER deadlock_timeout TO ${database.name}`);
  const names = [
    "client_connection_check_interval",
    "tcp_keepalives_idle",
    "lock_timeout",
    "deadlock_timeout",
  ];
  const up = `CREATE TABLE seen AS SELECT name, setting FROM pg_settings WHERE name IN ('${names.join("', '")}')`;
  const dir = await migrationsFolder(createPosts, { name: "See1700000005000", up });
  expect((await migrator(["up", "--lock-timeout", "400ms"], { url: database.url, dir })).code).toBe(0);
  expect(await database.query("SELECT name, setting FROM seen ORDER BY 1")).toEqual([
    { name: "client_connection_check_interval", setting: "1000" },
    { name: "deadlock_timeout", setting: "200" },
    { name: "lock_timeout", setting: "400" },
    { name: "tcp_keepalives_idle", setting: "10" },
  ]);
});
