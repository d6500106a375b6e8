import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, type TestDatabase, until } from "./support/database.ts";
import { createPosts, migrationsFolder } from "./support/folder.ts";

/** What a migration may do to its session, and what bounds it all the same. */

const untilIdle = (database: TestDatabase) =>
  until("a migration that does something else", async () => {
    const rows = await database.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND application_name = 'migrator'
          AND state = 'idle in transaction' AND query LIKE '%ADD COLUMN%'`,
      [database.name],
    );
    return rows.length > 0;
  });

/** A database with posts, and a migration that locks them and then waits for something that is no SQL. */
async function thinking(ms: number) {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
  const body = `await q.query("ALTER TABLE posts ADD COLUMN x int"); await new Promise((r) => setTimeout(r, ${ms})); await q.query("SELECT 1")`;
  await writeFile(join(dir, "think.mjs"), `export class Think1700000005000 { async up(q) { ${body}; } }`);
  return { database, dir };
}

test.each([[true], [false]])(
  "SET lock_timeout = 0, as in a dump, holds for its own statement alone (in a transaction: %s)",
  async (transaction) => {
    const database = await createDatabase();
    await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
    const holder = await database.session("holder");
    await holder.query("BEGIN; SELECT * FROM posts");
    const up = [
      "SET lock_timeout = 0",
      "SET idle_in_transaction_session_timeout = '1h'",
      "ALTER TABLE posts ADD COLUMN IF NOT EXISTS x int",
    ];
    const dir = await migrationsFolder(createPosts, { name: "Dumped1700000005000", up, transaction });
    const limits = ["--lock-timeout", "200ms", "--lock-budget", "0"];
    const run = await migrator(["up", ...limits], { url: database.url, dir });
    expect(run.code).toBe(11);
    expect(run.log.filter(({ setting }) => setting !== undefined).map(({ setting }) => setting)).toEqual([
      "lock_timeout",
      "idle_in_transaction_session_timeout",
    ]);
  },
  15_000,
);

test("a migration may wait less than --lock-timeout", async () => {
  const database = await createDatabase();
  const up = [
    "SET lock_timeout = '50ms'",
    "CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS it",
  ];
  const dir = await migrationsFolder({ name: "Strict1700000005000", up });
  expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
  expect(await database.query("SELECT it FROM seen")).toEqual([{ it: "50ms" }]);
});

test("a frozen migrator keeps its locks for 10 s: 30", async () => {
  const { database, dir } = await thinking(3_000);
  const running = start(["up"], { url: database.url, dir });
  await untilIdle(database);
  running.process.kill("SIGSTOP");
  const started = performance.now();
  await database.query("SELECT * FROM posts");
  expect(performance.now() - started).toBeLessThan(11_000);
  running.process.kill("SIGCONT");
  const run = await running.finished;
  expect(run.code).toBe(30);
  expect(run.summary).toMatchObject({ code: "25P03", next: expect.stringContaining("no SQL") });
}, 30_000);

test("SIGTERM while a migration's own code waits for something else: its locks go within seconds", async () => {
  const { database, dir } = await thinking(60_000);
  const running = start(["up"], { url: database.url, dir });
  await untilIdle(database);
  const told = performance.now();
  running.process.kill("SIGTERM");
  await database.query("SELECT * FROM posts");
  expect(performance.now() - told).toBeLessThan(5_000);
  expect((await running.finished).code).toBe(143);
  expect(performance.now() - told).toBeLessThan(8_000);
}, 30_000);

test.each([[true], [false]])(
  "SET ROLE ends with its migration; a role that ALTER ROLE gives stays (in a transaction: %s)",
  async (transaction) => {
    const database = await createDatabase();
    const admin = await database.admin();
    const [team, owner] = [`${database.name}_team`, `${database.name}_owner`];
    for (const role of [team, owner]) {
      await admin.query(`CREATE ROLE ${role}; GRANT ${role} TO ${database.name}`);
      await admin.query(`GRANT ALL ON SCHEMA public TO ${role}`);
    }
    await admin.query(`ALTER ROLE ${database.name} SET role = ${owner}`);
    const dir = await migrationsFolder(
      {
        name: "Team1700000000000",
        up: [`SET ROLE ${team}`, "CREATE TABLE IF NOT EXISTS a (id int)"],
        transaction,
      },
      { name: "Owner1700000001000", up: "CREATE TABLE b (id int)" },
    );
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code, run.stderr).toBe(0);
    const tables = await database.query(
      "SELECT tablename AS t, tableowner AS o FROM pg_tables WHERE tablename IN ('a', 'b', 'migrations') ORDER BY 1",
    );
    expect(tables).toEqual([
      { t: "a", o: team },
      { t: "b", o: owner },
      { t: "migrations", o: owner },
    ]);
    await admin.query(`REASSIGN OWNED BY ${team}, ${owner} TO CURRENT_USER; DROP OWNED BY ${team}, ${owner}`);
  },
);
