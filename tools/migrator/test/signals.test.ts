import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, secret, until, untilRunning, urlOf } from "./support/database.ts";
import { createPosts, migrationsFolder, temporaryFolder } from "./support/folder.ts";

const exitCode = { SIGTERM: 143, SIGINT: 130 } as const;

test.each([
  ["SIGTERM", "SIGTERM"],
  ["SIGTERM", "SIGINT"],
] as const)("%s, then %s: the second ends even a migration that never answers", async (first, second) => {
  const database = await createDatabase();
  const dir = await temporaryFolder();
  await writeFile(
    join(dir, "deaf.mjs"),
    `export class Deaf1700000000000 { async up(q) { await q.query("CREATE TABLE deaf (id int)"); await new Promise((r) => setTimeout(r, 60_000)); } }`,
  );
  const running = start(["up", "--verbose"], { url: database.url, dir });
  await until("the migration", async () => running.stderr().includes("CREATE TABLE deaf"));
  running.process.kill(first);
  await until("the first signal's effect", async () => running.stderr().includes("told to stop"));
  running.process.kill(second);
  const { code, signal } = await running.finished;
  expect({ code, signal }).toEqual({ code: exitCode[second], signal: null });
  expect(await database.query("SELECT to_regclass('deaf') AS deaf")).toEqual([{ deaf: null }]);
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "status, with nothing to undo, ends on the first %s",
  async (name) => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts);
    await migrator(["up"], { url: database.url, dir });
    await (await database.session()).query("BEGIN; LOCK TABLE migrations");
    const running = start(["status"], { url: database.url, dir });
    await untilRunning(database, "migrations");
    running.process.kill(name);
    const { code, signal } = await running.finished;
    expect({ code, signal }).toEqual({ code: exitCode[name], signal: null });
  },
);

test("bootstrap ends on the first SIGTERM", async () => {
  const database = await createDatabase();
  const admin = await database.admin();
  await admin.query("SELECT pg_advisory_lock(hashtext('schema-rollout/bootstrap'))");
  const { username, password } = new URL(inject("adminUrl"));
  const running = start(["bootstrap"], {
    url: database.as(username, password),
    env: {
      MIGRATOR_DATABASE_URL: urlOf("nowhere", "nobody_migrator", secret),
      APP_DATABASE_URL: urlOf("nowhere", "nobody_app", secret),
    },
  });
  await until("bootstrap's wait", async () => {
    const waiting =
      "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND application_name = 'migrator bootstrap' AND query LIKE '%pg_locks%'";
    return (await database.query(waiting, [database.name])).length > 0;
  });
  running.process.kill("SIGTERM");
  const { code, signal } = await running.finished;
  expect({ code, signal }).toEqual({ code: 143, signal: null });
});
