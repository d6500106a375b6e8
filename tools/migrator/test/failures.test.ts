import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Finished, migrator, start } from "./support/cli.ts";
import { createDatabase, saySharedSchema, secret, untilRunning } from "./support/database.ts";
import { createPosts, migrationsFolder, temporaryFolder } from "./support/folder.ts";

/** Every failure is one sentence with a way on, without a stack and without the password. */
function readable(run: Finished): void {
  const output = run.stdout + run.stderr;
  expect(output).not.toContain(secret);
  expect(output).not.toMatch(/\n\s+at /);
  expect(run.log.filter(({ event }) => event === "summary")).toHaveLength(1);
  expect(run.summary).toMatchObject({
    event: "summary",
    exitCode: run.code,
    message: expect.stringMatching(/\.$/),
  });
}

describe("what cannot work", () => {
  test("an unreachable server: 30", async () => {
    const url = `postgres://someone:${secret}@127.0.0.1:1/db`;
    const run = await migrator(["up"], { url, dir: await migrationsFolder(createPosts) });
    expect(run.code).toBe(30);
    expect(run.summary.message).toContain("ECONNREFUSED");
    readable(run);
  });

  test("a host that cannot be found: 30", async () => {
    const url = `postgres://someone:${secret}@no-such-host.invalid/db`;
    const run = await migrator(["up"], { url, dir: await migrationsFolder(createPosts) });
    expect(run.code).toBe(30);
    readable(run);
  });

  test("a wrong password: 31 at once", async () => {
    const database = await createDatabase();
    const wrong = database.as(database.name, `${secret}-wrong`);
    const dir = await migrationsFolder(createPosts);
    for (const flags of [[], ["--verbose"], ["--json"]]) {
      const run = await migrator(["up", ...flags], { url: wrong, dir });
      expect(run.code).toBe(31);
      expect(run.stdout + run.stderr).not.toContain(secret);
    }
  });

  test("no right to create: 31, and nothing is left", async () => {
    const database = await createDatabase();
    const admin = await database.admin();
    await admin.query(`CREATE ROLE ${database.name}_weak LOGIN PASSWORD '${secret}'`);
    const url = database.as(`${database.name}_weak`, secret);
    const run = await migrator(["up"], { url, dir: await migrationsFolder(createPosts) });
    expect(run.code).toBe(31);
    expect(run.summary.message).toContain("permission denied for schema public");
    readable(run);
  });

  test("no DDL right on the table: 31, naming the migration", async () => {
    const database = await createDatabase();
    const admin = await database.admin();
    await admin.query("CREATE TABLE posts (id int)");
    await saySharedSchema(database);
    const dir = await migrationsFolder({ ...createPosts, up: "ALTER TABLE posts ADD COLUMN a text" });
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code).toBe(31);
    expect(run.summary.message).toContain(
      `(while applying ${createPosts.name}): must be owner of table posts`,
    );
    readable(run);
  });

  test("a read-only database: 30", async () => {
    const database = await createDatabase();
    const url = `${database.url}?options=${encodeURIComponent("-c default_transaction_read_only=on")}`;
    const run = await migrator(["up"], { url, dir: await migrationsFolder(createPosts) });
    expect(run.code).toBe(30);
    expect(run.summary.message).toContain("read-only");
    readable(run);
  });

  test("a database that does not exist: 2", async () => {
    const database = await createDatabase();
    const url = new URL(database.url);
    url.pathname = "/nowhere";
    const run = await migrator(["up"], { url: url.href, dir: await migrationsFolder(createPosts) });
    expect(run.code).toBe(2);
    readable(run);
  });

  test("a connection lost on the way: 30, and the next run succeeds", async () => {
    const database = await createDatabase();
    const admin = await database.admin();
    const dir = await migrationsFolder({
      ...createPosts,
      up: [String(createPosts.up), "SELECT pg_sleep(2)"],
    });
    const running = start(["up"], { url: database.url, dir });
    const pid = await untilRunning(database, "pg_sleep");
    await admin.query("SELECT pg_terminate_backend($1)", [pid]);
    const run = await running.finished;
    expect(run.code).toBe(30);
    readable(run);
    expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
  });

  test("a connection lost between two statements: 30", async () => {
    const database = await createDatabase();
    const admin = await database.admin();
    const dir = await temporaryFolder();
    await writeFile(
      join(dir, "pause.mjs"),
      `export class Pause1700000000000 { async up(q) { await q.query("SELECT 'here'"); await new Promise((r) => setTimeout(r, 1500)); await q.query("SELECT 1"); } }`,
    );
    const running = start(["up"], { url: database.url, dir });
    await untilIdle(admin, database.name);
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'migrator'",
      [database.name],
    );
    const run = await running.finished;
    expect(run.code).toBe(30);
    readable(run);
  });

  test("a migration that prints the URL it was given does not print the password", async () => {
    const database = await createDatabase();
    const dir = await temporaryFolder();
    await writeFile(
      join(dir, "leak.mjs"),
      `export class Leak1700000000000 { async up() {
        const url = process.env.DATABASE_URL;
        throw new Error(url + " and " + new URL(url).password);
      } }`,
    );
    for (const flags of [[], ["--json"], ["--verbose"]]) {
      const run = await migrator(["up", ...flags], { url: database.url, dir });
      expect(run.code).toBe(20);
      expect(run.stdout + run.stderr).toContain("***");
      expect(run.stdout + run.stderr).not.toContain(secret);
    }
  });
});

describe("usage", () => {
  test.each([
    ["no command", []],
    ["an unknown command", ["frobnicate"]],
    ["an unknown option", ["up", "--frob"]],
    ["a bad duration", ["up", "--wait", "soon"]],
    ["no URL", ["up"]],
    ["a URL that is none", ["up"], `not a url with ${secret}`],
    ["a URL with a stray %", ["up"], `postgres://user:${secret}%@127.0.0.1/db`],
    ["another database's URL", ["up"], `mysql://user:${secret}@127.0.0.1/db`],
  ])("%s: 2", async (_, args, url?: string) => {
    const run = await migrator(args, { ...(url && { url }), dir: await migrationsFolder(createPosts) });
    expect(run.code).toBe(2);
    expect(run.stdout + run.stderr).not.toContain(secret);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });

  test.each([
    ["--lock-timeout", "0"],
    ["--lock-timeout", "0.4ms"],
    ["--statement-budget", "0s"],
  ])("%s %s would switch the guard off: 2", async (flag, value) => {
    const { url } = await createDatabase();
    const run = await migrator(["up", flag, value], { url, dir: await migrationsFolder(createPosts) });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("must be at least 1ms");
  });

  test("no waiting and no second try are what 0 means elsewhere", async () => {
    const { url } = await createDatabase();
    const flags = ["--wait", "0", "--lock-budget", "0"];
    expect((await migrator(["up", ...flags], { url, dir: await migrationsFolder(createPosts) })).code).toBe(
      0,
    );
  });

  test("--help tells flags, environment and exit codes", async () => {
    const run = await migrator(["--help"]);
    expect(run.code).toBe(0);
    for (const text of ["DATABASE_URL", "MIGRATIONS_DIR", "--verbose", "24", "143 +"])
      expect(run.stdout).toContain(text);
  });

  test("start to nothing to do takes less than a second, also on a busy machine", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts);
    const times: number[] = [];
    for (let run = 0; run < 4; run++) {
      const started = performance.now();
      await migrator(["up"], { url: database.url, dir });
      times.push(performance.now() - started);
    }
    expect(Math.min(...times.slice(1))).toBeLessThan(1_000);
  });
});

async function untilIdle(
  admin: { query(text: string, values: unknown[]): Promise<{ rowCount: number | null }> },
  name: string,
) {
  for (;;) {
    const { rowCount } = await admin.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND state = 'idle in transaction' AND query LIKE '%here%'",
      [name],
    );
    if (rowCount) return;
    await new Promise((done) => setTimeout(done, 25));
  }
}
