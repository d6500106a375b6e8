import { expect, test } from "vitest";
import { exitCodes } from "../src/exit-codes.ts";
import { bodyName, migrationWith } from "./support/body.ts";
import { type Finished, migrator } from "./support/cli.ts";
import { createDatabase, secret, type TestDatabase } from "./support/database.ts";

const began = `await q.query("CREATE TABLE half (id int)");`;
const lasts = "await new Promise((r) => setTimeout(r, 10_000));";

/** Ways to end, or to fail where nobody waits for it; in each the migration has begun. */
const ways: Record<string, string> = {
  "process.exit(0)": `${began} process.exit(0);`,
  "process.exit(7)": `${began} process.exit(7);`,
  "process.abort()": `${began} process.abort();`,
  "a rejection without a handler": `${began} Promise.reject(new Error(process.env.DATABASE_URL)); ${lasts}`,
  "a rejection that is no error": `${began} Promise.reject(undefined); ${lasts}`,
  "a throw in a timer": `${began} setTimeout(() => { throw new Error(process.env.DATABASE_URL); }, 10); ${lasts}`,
  "an emitter's error": `${began} new (await import("node:events")).EventEmitter().emit("error", new Error("nobody listens"));`,
  "a throw in a timer, and then its end": `${began} setImmediate(() => { throw new Error("late"); });`,
  "a forgotten await that fails": `${began} q.query("ALTER ROLE nosuchrole PASSWORD '${secret}2'");`,
  "a forgotten await that fails later": `${began} q.query("SELECT 1/(random()*0)::int, 'password=${secret}3' FROM pg_sleep(0.3)");`,
  "a statement after its end": `${began} setTimeout(() => q.query("SELECT 1").catch(() => {}), 1);`,
};

function told({ code, stdout, stderr, log, summary }: Finished, way: string): void {
  expect(
    exitCodes.map((known) => known.code),
    way,
  ).toContain(code);
  expect(code, `${way}: ${stderr}`).not.toBe(0);
  expect(
    log.filter(({ event }) => event === "summary"),
    way,
  ).toHaveLength(1);
  expect(summary, way).toMatchObject({ exitCode: code, message: expect.stringMatching(/\.$/) });
  expect(JSON.parse(stdout), way).toMatchObject({ exitCode: code, error: { message: summary.message } });
  expect(stdout + stderr, way).not.toContain(secret);
  expect(stderr, way).not.toMatch(/\n\s+at /);
}

const untouched = async ({ query }: TestDatabase, way: string) =>
  expect(
    await query("SELECT to_regclass('half') AS half, (SELECT count(*)::int FROM migrations) AS recorded"),
    way,
  ).toEqual([{ half: null, recorded: 0 }]);

test("however a migration ends or fails: 20, told once, no secret, nothing half done", async () => {
  const all = Object.entries(ways).map(async ([way, body]) => {
    const database = await createDatabase();
    const dir = await migrationWith(body);
    const run = await migrator(["up", "--json"], { url: database.url, dir });
    told(run, way);
    expect(run.code, way).toBe(20);
    expect(run.stdout, way).toContain(way.startsWith("process.exit") ? "process.exit()" : bodyName);
    await untouched(database, way);
  });
  await Promise.all(all);
});

test("the same in a file that is read, and in a command", async () => {
  const { url } = await createDatabase();
  const inFile = async (command: string) => {
    const dir = await migrationWith("", { before: "process.exit(0);" });
    return migrator([command, "--json"], { url, dir });
  };
  const inCommand = async (body: string) => {
    const COMMANDS_DIR = await migrationWith("", { before: `export default async () => { ${body} };` });
    const args = ["--json", "run", "1700000005000-body"];
    return migrator(args, { url, env: { COMMANDS_DIR } });
  };
  const runs = await Promise.all([
    inFile("up"),
    inFile("status"),
    inCommand("process.exit(0)"),
    inCommand(`setTimeout(() => { throw new Error(process.env.DATABASE_URL); }); ${lasts}`),
  ]);
  for (const run of runs) {
    told(run, run.stderr);
    expect(run.code, run.stderr).toBe(20);
  }
});

test("a forgotten await that succeeds is part of the migration: it is waited for", async () => {
  const { url, query } = await createDatabase();
  const forgotten = `async function more() { for (const i of [1, 2, 3]) await q.query(\`INSERT INTO n SELECT \${i} FROM pg_sleep(0.1)\`) }`;
  const dir = await migrationWith(`await q.query("CREATE TABLE n (i int)"); ${forgotten} more();`);
  const run = await migrator(["up"], { url, dir });
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain("forgotten await");
  expect(await query("SELECT count(*)::int AS n FROM n")).toEqual([{ n: 3 }]);
});
