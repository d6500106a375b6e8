import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockHolder, lockKey } from "../src/database/lock.ts";
import type { Sql } from "../src/database/session.ts";
import { readWithHolder } from "../src/record/at-work.ts";
import { readRecord } from "../src/record/read.ts";
import { recordTables } from "../src/record/tables.ts";
import { migrator, start } from "./support/cli.ts";
import { untilGone, untilRunning } from "./support/database.ts";
import { addAuthor, createPosts, migrationsFolder, type Source } from "./support/folder.ts";
import { createService, type Service } from "./support/service.ts";

const base = [createPosts, addAuthor];

/** Two steps, each kept when the other is not reached. */
const inSteps: Source = {
  name: "NameAndIndex1700000006000",
  transaction: false,
  up: [
    "ALTER TABLE posts ADD COLUMN IF NOT EXISTS name text",
    "SELECT pg_sleep(1)",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_name ON posts (name)",
  ],
  down: [
    "DROP INDEX CONCURRENTLY IF EXISTS posts_name",
    "SELECT pg_sleep(1)",
    "ALTER TABLE posts DROP COLUMN IF EXISTS name",
  ],
};
const release = [...base, inSteps];

const run = async (service: Service, args: string[], sources: Source[] = release) =>
  migrator(args, { url: service.url, dir: await migrationsFolder(...sources) });

/** Between the two steps. */
async function killed(service: Service, command: "up" | "rollback") {
  const running = start([command], { url: service.url, dir: await migrationsFolder(...release) });
  await untilRunning(service, "pg_sleep");
  running.process.kill("SIGKILL");
  await untilGone(service);
}

const columns = async (service: Service) =>
  (
    await service.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
        WHERE attrelid = 'posts'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    )
  ).map(({ name }) => name);

const markers = (service: Service) => service.query("SELECT name, direction FROM migrations_unfinished");

test("a contract that failed half-way is what rollback reverts, not the migration below it", async () => {
  const dropTitle: Source = {
    name: "DropTitle1700000006001",
    phase: "contract",
    transaction: false,
    up: ["ALTER TABLE posts DROP COLUMN IF EXISTS title", "SELECT 1 / 0"],
    down: "ALTER TABLE posts ADD COLUMN IF NOT EXISTS title text NOT NULL DEFAULT ''",
  };
  const service = await createService(base);
  const failed = await run(service, ["up", "--phase", "all"], [...base, dropTitle]);
  expect(failed.code).toBe(20);
  const shown = await run(service, ["status"], [...base, dropTitle]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/DropTitle1700000006001 +unfinished +contract +up, started 20/);
  expect(await service.floor()).toMatchObject({ contract: dropTitle.name, state: "final" });

  const reverted = await run(service, ["rollback"], [...base, dropTitle]);
  expect([reverted.code, reverted.summary.message]).toEqual([0, `reverted ${dropTitle.name}`]);
  expect(await columns(service)).toEqual(["id", "author", "title"]);
  expect(await service.applied()).toEqual(base.map(({ name }) => name));
  expect(await service.floor()).toBeUndefined();
  expect(await markers(service)).toEqual([]);
});

test("an up that was killed: an older release comes up and names it, but cannot revert below it; up finishes it", async () => {
  const service = await createService(base);
  await killed(service, "up");
  expect(await markers(service)).toEqual([{ name: inSteps.name, direction: "up" }]);

  const older = await run(service, ["up"], base);
  expect([older.code, older.summary.message]).toEqual([0, "nothing to do"]);
  const warned = older.log.find(({ level }) => level === 40 || level === "warn");
  expect(warned?.message).toContain(`${inSteps.name} has not finished`);
  const refused = await run(service, ["rollback"], base);
  expect(refused.code).toBe(21);
  expect(refused.summary.message).toContain(`${inSteps.name} comes from a newer release`);
  expect(await columns(service)).toEqual(["id", "title", "author", "name"]);

  const finished = await run(service, ["up"]);
  expect([finished.code, finished.summary.message]).toEqual([0, `applied ${inSteps.name}`]);
  expect(await markers(service)).toEqual([]);
});

test("an up that was killed is reverted by its own down, once; without one: 20", async () => {
  const service = await createService(base);
  await killed(service, "up");
  const reverted = await run(service, ["rollback"]);
  expect([reverted.code, reverted.summary.message]).toEqual([0, `reverted ${inSteps.name}`]);
  expect(await columns(service)).toEqual(["id", "title", "author"]);

  await killed(service, "up");
  const dir = await migrationsFolder(...base);
  await writeFile(
    join(dir, "1700000006000-NameAndIndex.mjs"),
    `export class ${inSteps.name} { transaction = false; async up(runner) {} }`,
  );
  const oneWay = await migrator(["rollback"], { url: service.url, dir });
  expect(oneWay.code).toBe(20);
  expect(oneWay.summary.message).toContain(`${inSteps.name} has no down`);
  expect(oneWay.summary.next).toContain("migrator up");
  expect(await service.applied()).toEqual(base.map(({ name }) => name));
});

test("a down that was killed: status and up refuse with 21, an older release comes up, rollback finishes it", async () => {
  const service = await createService(release);
  await killed(service, "rollback");
  for (const command of ["status", "up", "up --phase contract"]) {
    const refused = await run(service, command.split(" "));
    expect([command, refused.code]).toEqual([command, 21]);
    const said = refused.stdout + refused.stderr;
    expect(said).toContain(`reverting ${inSteps.name}`);
    expect(said).toContain("Run migrator rollback again");
  }
  expect((await run(service, ["up"], base)).code).toBe(0);

  const again = await run(service, ["rollback"]);
  expect([again.code, again.summary.message]).toEqual([0, `reverted ${inSteps.name}`]);
  expect(await columns(service)).toEqual(["id", "title", "author"]);
  expect(await markers(service)).toEqual([]);
  expect((await run(service, ["up"])).code).toBe(0);
});

test("a down at work is waited for, not refused", async () => {
  const service = await createService(release);
  const dir = await migrationsFolder(...release);
  const down = start(["rollback"], { url: service.url, dir });
  await untilRunning(service, "pg_sleep");
  const [shown, up] = await Promise.all([run(service, ["status"]), run(service, ["up"])]);
  expect(shown.code).toBe(0);
  expect((await down.finished).code).toBe(0);
  expect([up.code, up.summary.message]).toEqual([0, `applied ${inSteps.name}`]);
});

test("a down that ends between the look at the record and the one at the lock was not interrupted", async () => {
  const service = await createService(release);
  const tables = recordTables("public");
  const sql: Sql = (text, values) => service.query(text, [...(values ?? [])]);
  const down = start(["rollback"], { url: service.url, dir: await migrationsFolder(...release) });
  await untilRunning(service, "pg_sleep");
  const seen: string[][] = [];
  const { record, lock } = await readWithHolder(
    async () => {
      const read = await readRecord({ sql, searchPath: ["public"] }, tables, []);
      seen.push(read.unfinished.map(({ name }) => name));
      return read;
    },
    async () => {
      await down.finished;
      return lockHolder(sql, lockKey(tables));
    },
  );
  expect(seen[0]).toEqual([inSteps.name]);
  expect([record.unfinished, lock]).toEqual([[], undefined]);
});

test("a record from before there were markers gets their table", async () => {
  const service = await createService(release);
  await service.query("DROP TABLE migrations_unfinished");
  expect((await run(service, ["status"])).code).toBe(0);
  expect((await run(service, ["up"])).summary.message).toBe("nothing to do");
  expect(await markers(service)).toEqual([]);
});
