import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { counted } from "../../lab/measure/observe.ts";
import { bundlePrograms } from "../../lab/startup/images.ts";
import { root } from "../../lib/paths.ts";
import { parseLog } from "../../lib/rollout/job-log.ts";

const run = promisify(execFile);
const before = "CreatePosts1750000000000";
const migration = "Welcome1769500000000";
const replicas = 3;

let server: ScratchPostgres;
let folder: string;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lab-startup-"));
  await bundlePrograms(join(folder, "lab"));
  await writeFile(
    join(folder, `${before}.mjs`),
    `export class ${before} { async up(runner) { await runner.query("CREATE TABLE posts (title text)"); } async down() {} }`,
  );
  await writeFile(
    join(folder, `${migration}.mjs`),
    `export class ${migration} {
       async up(runner) {
         await runner.query("SELECT pg_sleep(4)");
         await runner.query("INSERT INTO posts VALUES ('Welcome')");
       }
       async down() {}
     }`,
  );
  server = await startPostgres({ settings: { fsync: "off" } });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;
beforeEach(async () => {
  const name = `startup_${++count}`;
  await query(server.adminUrl, `CREATE DATABASE ${name}`);
  url = server.adminUrl.replace(/\/postgres$/, `/${name}`);
  await query(url, "CREATE TABLE posts (title text)");
  // As on a database that has been migrated before.
  await query(
    url,
    `CREATE TABLE migrations (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL);
     INSERT INTO migrations ("timestamp", name) VALUES (1750000000000, '${before}')`,
  );
});

async function query(where: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: where });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** All of them at once, as pods do. What they logged, one after the other. */
async function startedTogether(cwd: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: url, MIGRATIONS_DIR: folder };
  const all = await Promise.all(
    Array.from({ length: replicas }, () => run(process.execPath, args, { cwd, env })),
  );
  return all.map(({ stdout, stderr }) => stdout + stderr).join("\n");
}

const times = async (sql: string) =>
  (await query(url, `SELECT count(*)::int AS count FROM ${sql}`))[0]?.count;
const begun = (log: string) =>
  counted(
    parseLog(log).map((line) => ({ ...line, pod: "", container: "" })),
    migration,
  );

test("without a lock every replica runs the migration, and each run counts", async () => {
  const log = await startedTogether(folder, join(folder, "lab/lockless.mjs"));
  expect(begun(log)).toEqual({ begun: replicas, queued: 0 });
  expect(await times("posts")).toBe(replicas);
  expect(await times(`migrations WHERE name = '${migration}'`)).toBe(replicas);
}, 30_000);

test("with the migrator's lock one runs it, and the others wait and find nothing to do", async () => {
  const log = await startedTogether(root, "tools/migrator/bin/migrator.mjs", "up");
  expect(begun(log)).toEqual({ begun: 1, queued: replicas - 1 });
  expect(await times("posts")).toBe(1);
  expect(await times(`migrations WHERE name = '${migration}'`)).toBe(1);
}, 30_000);
