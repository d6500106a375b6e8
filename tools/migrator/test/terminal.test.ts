import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { expect, inject, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { createDatabase, secret, urlOf } from "./support/database.ts";
import { createPosts, migrationsFolder, temporaryFolder } from "./support/folder.ts";

/** Runs the CLI on a terminal of its own and returns what stands there. */
async function onTerminal(args: string, url: string, dir: string): Promise<string> {
  const command = `${process.execPath} ${inject("program")} ${args}`;
  const env = { ...process.env, DATABASE_URL: url, MIGRATIONS_DIR: dir };
  const run = promisify(execFile)("script", ["-qec", command, "/dev/null"], { env });
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  return stripVTControlCharacters(stdout).replaceAll("\r", "");
}

test("on a terminal: sentences, no JSON, and nothing twice", async () => {
  const { url } = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  const applied = await onTerminal("up", url, dir);
  expect(applied).toMatch(new RegExp(`applying ${createPosts.name} \\(expand\\)\\n`));
  expect(applied).toMatch(new RegExp(`applied ${createPosts.name} in \\d+ ms\\n`));
  expect(applied).not.toMatch(/[{}]|exitCode|event|attempts/);
  const status = await onTerminal("status", url, dir);
  expect(status).toContain("1 applied, 0 pending");
  expect(status).not.toMatch(/[{}]|USERLVL/);
});

test("a failure shows the SQL and, on a line of its own, what to do", async () => {
  const { url } = await createDatabase();
  const dir = await migrationsFolder({
    ...createPosts,
    up: `SELECT '${secret}',\n  ${"1, ".repeat(100)} nothing`,
  });
  const failed = await onTerminal("up", url, dir);
  expect(failed).toMatch(/\n {2}sql: {2}SELECT '\*\*\*', 1, .*…\n/);
  expect(failed).toMatch(/\n {2}next: Nothing will change by itself/);
  expect(failed).not.toContain(secret);
  const { summary } = await migrator(["up"], { url, dir });
  expect(String(summary.sql)).toHaveLength(200);
});

test("a password that is one of our words spoils neither result nor log", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  await database.query(`ALTER ROLE ${database.name} PASSWORD 'pending'`);
  const url = urlOf(database.name, database.name, "pending");
  const run = await migrator(["status", "--json"], { url, dir });
  expect(JSON.parse(run.stdout).migrations).toMatchObject([{ name: createPosts.name, state: "pending" }]);
  expect(run.summary).toMatchObject({ level: "info", event: "summary" });
  expect((await migrator(["status"], { url, dir })).stdout).toContain("pending");
});

test("with --json stdout is one document whatever a migration prints, and without the password", async () => {
  const { url } = await createDatabase();
  const dir = await temporaryFolder();
  await writeFile(
    join(dir, "print.mjs"),
    `export class Print1700000000000 { async up() {
      console.log(process.env.DATABASE_URL, new URL(process.env.DATABASE_URL).password); process.stdout.write("bare");
    } }`,
  );
  const run = await migrator(["up", "--json"], { url, dir });
  expect(JSON.parse(run.stdout)).toMatchObject({ exitCode: 0 });
  expect(run.stderr).toContain("bare");
  expect(run.stderr).not.toContain(secret);
});

test("arguments that make no sense, with --json: a document too", async () => {
  const run = await migrator(["up", "--foo", "--json"]);
  expect(run.code).toBe(2);
  expect(JSON.parse(run.stdout)).toEqual({ exitCode: 2, error: { message: "unknown option '--foo'" } });
});

test("a warning of the driver is one line of the log", async () => {
  const { url } = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  const run = await migrator(["status"], { url: `${url}?sslmode=require`, dir });
  expect(run.log.filter(({ warning }) => warning !== undefined)).toHaveLength(1);
  for (const line of run.stderr.trim().split("\n")) expect(line).toMatch(/^\{.*\}$/);
});
