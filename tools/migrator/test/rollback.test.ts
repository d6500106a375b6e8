import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DataSource } from "typeorm";
import { describe, expect, onTestFinished, test } from "vitest";
import { lockKey } from "../src/database/lock.ts";
import { recordTables } from "../src/record/tables.ts";
import { migrator, start } from "./support/cli.ts";
import { until, untilGone, untilRunning } from "./support/database.ts";
import {
  addAuthor,
  createPosts,
  fileOf,
  indexTitles,
  migrationsFolder,
  type Source,
} from "./support/folder.ts";
import { addTags, level2, level3, requireKind, requireTags, v2, v3, v4 } from "./support/releases.ts";
import { createService, type Service } from "./support/service.ts";

const expands = [createPosts, addAuthor, indexTitles];
const names = (release: Source[]) => release.map(({ name }) => name);

async function begin(service: Service, release: Source[], ...args: string[]) {
  return start(["rollback", ...args], { url: service.url, dir: await migrationsFolder(...release) });
}

const rollback = async (service: Service, release: Source[], ...args: string[]) =>
  (await begin(service, release, ...args)).finished;

describe("rollback", () => {
  test("reverts the last one; --to everything after a name, the last one first; up applies them again", async () => {
    const service = await createService(expands);
    const one = await rollback(service, expands, "--json");
    expect(one.code).toBe(0);
    expect(JSON.parse(one.stdout)).toMatchObject({ exitCode: 0, reverted: [{ name: indexTitles.name }] });
    expect(one.summary.message).toBe(`reverted ${indexTitles.name}`);
    expect(await service.query("SELECT to_regclass('posts_title') AS i")).toEqual([{ i: null }]);

    const dir = await migrationsFolder(...expands);
    await migrator(["up"], { url: service.url, dir });
    const two = await rollback(service, expands, "--to", createPosts.name, "--json");
    expect(JSON.parse(two.stdout).reverted.map(({ name }: Source) => name)).toEqual([
      indexTitles.name,
      addAuthor.name,
    ]);
    expect(await service.applied()).toEqual([createPosts.name]);
    expect(await service.query("SELECT name FROM migrations_detail")).toEqual([{ name: createPosts.name }]);
    expect((await rollback(service, expands, "--to", createPosts.name)).summary.message).toBe(
      "nothing to revert",
    );
    expect((await migrator(["up"], { url: service.url, dir })).code).toBe(0);
    expect(await service.applied()).toEqual(names(expands));
  });

  test("is refused with 22 while a process that knows the migration is alive, not by older ones", async () => {
    const service = await createService(expands);
    const timestamp = Number(indexTitles.name.slice(-13));
    const newer = await service.alive(timestamp);
    await service.alive(timestamp - 1);
    const refused = await rollback(service, expands);
    expect(refused.code).toBe(22);
    expect(refused.summary.message).toContain(`blog@${timestamp} (user ${service.reader}`);
    expect(refused.summary.message).not.toContain(`blog@${timestamp - 1}`);
    expect(await service.applied()).toEqual(names(expands));
    await newer.end();
    expect((await rollback(service, expands)).code).toBe(0);
    // The older one knows the next.
    expect((await rollback(service, expands)).code).toBe(22);
  });

  test("is refused also when such a process starts while the down waits for a lock, or runs", async () => {
    const slow = { ...addAuthor, down: [String(addAuthor.down), "SELECT pg_sleep(2)"] };
    const release = [createPosts, slow];
    const service = await createService(release);
    const level = Number(addAuthor.name.slice(-13));
    const reader = await service.session("long-reader");
    await reader.query("BEGIN; SELECT * FROM posts");
    const waiting = await begin(service, release, "--lock-timeout", "100ms");
    await until("a retry", async () => waiting.stderr().includes("trying again"));
    const early = await service.alive(level);
    await reader.query("COMMIT");
    expect((await waiting.finished).code).toBe(22);
    await early.end();

    const running = await begin(service, release);
    await untilRunning(service, "pg_sleep");
    await service.alive(level);
    const refused = await running.finished;
    expect(refused.code).toBe(22);
    expect(refused.summary.message).toContain(`blog@${level}`);
    expect(await service.query("SELECT author FROM posts")).toEqual([]);
    expect(await service.applied()).toEqual(names(release));
  });

  test("of a contract lowers the floor to that of the contract before it, and then takes it away", async () => {
    const service = await createService(v3);
    const dir = await migrationsFolder(...v4);
    await migrator(["up", "--phase", "all"], { url: service.url, dir });
    expect(await service.floor()).toMatchObject({ contract: requireTags.name });
    expect((await rollback(service, v4, "--to", requireKind.name)).code).toBe(0);
    expect(await service.floor()).toEqual({
      floor: String(level3),
      contract: requireKind.name,
      state: "final",
    });
    expect((await rollback(service, v4, "--to", v2[0]?.name ?? "")).code).toBe(0);
    expect(await service.floor()).toBeUndefined();
    expect(await service.applied()).toEqual(names(v2));
    // The release from before can come back.
    const back = await migrator(["up"], { url: service.url, dir: await migrationsFolder(...v2) });
    expect(back.code).toBe(0);
    expect(level2).toBeLessThan(level3);
  });

  test("forgets the checkpoint of a backfill, which would otherwise be taken up half-way next time", async () => {
    const service = await createService(v3);
    await service.query(
      "INSERT INTO migrations_backfill (name, rows_done, state) VALUES ('FillKind1700000003001', 5, 'running')",
    );
    await rollback(service, v3, "--to", v2[0]?.name ?? "");
    expect(await service.query("SELECT name FROM migrations_backfill")).toEqual([]);
  });
});

describe("what cannot be reverted", () => {
  test("a down that throws: 20, nothing of it stays done, and those after it stay reverted", async () => {
    const service = await createService(expands);
    const broken = { ...addAuthor, down: [String(addAuthor.down), "SELECT nonsense"] };
    // Only the file of the run differs, not what was recorded: the checksum would refuse it.
    const dir = await migrationsFolder(createPosts, broken, indexTitles);
    await service.query("DELETE FROM migrations_detail");
    const run = await migrator(["rollback", "--to", createPosts.name], { url: service.url, dir });
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain("nonsense");
    expect(await service.applied()).toEqual([createPosts.name, addAuthor.name]);
    expect(await service.query("SELECT author FROM posts")).toEqual([]);
  });

  test("a down that is not there: 20 before anything is touched", async () => {
    const service = await createService(expands);
    const dir = await migrationsFolder(createPosts, indexTitles);
    await writeFile(
      join(dir, fileOf(addAuthor)),
      `export class ${addAuthor.name} { async up(runner) { await runner.query("SELECT 1"); } }`,
    );
    await service.query("DELETE FROM migrations_detail");
    const run = await migrator(["rollback", "--to", createPosts.name], { url: service.url, dir });
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain(`${addAuthor.name} has no down`);
    expect(await service.applied()).toEqual(names(expands));
  });

  test("what a newer release applied: 21; a name that is not applied: 2", async () => {
    const service = await createService([...v3, addTags]);
    const run = await rollback(service, v3);
    expect(run.code).toBe(21);
    expect(run.summary.message).toContain(`${addTags.name} comes from a newer release`);
    expect((await rollback(service, v4, "--to", requireTags.name)).code).toBe(2);
  });

  test("nothing, on an empty database", async () => {
    const service = await createService();
    expect((await rollback(service, expands)).summary.message).toBe("nothing to revert");
  });
});

describe("with the care of up", () => {
  test("waits for another migrator, at most --wait: 10", async () => {
    const service = await createService(expands);
    const { classid, objid } = lockKey(recordTables("public"));
    const holder = await service.session("the-holder");
    await holder.query("SELECT pg_advisory_lock($1::int, $2::int)", [classid, objid]);
    const run = await rollback(service, expands, "--wait", "300ms");
    expect(run.code).toBe(10);
    expect(run.summary.message).toContain("the-holder");
  });

  test("never queues behind a long reader: tries again, then 11", async () => {
    const service = await createService([createPosts, addAuthor]);
    const reader = await service.session("long-reader");
    await reader.query("BEGIN; SELECT * FROM posts");
    const run = await rollback(
      service,
      [createPosts, addAuthor],
      "--lock-timeout",
      "100ms",
      "--lock-budget",
      "500ms",
    );
    expect(run.code).toBe(11);
    expect(run.summary.message).toContain("long-reader");
    expect(run.log.some(({ message }) => message.startsWith("lock not granted in time"))).toBe(true);
    expect(await service.applied()).toEqual([createPosts.name, addAuthor.name]);
  });

  test("an interrupted CREATE INDEX CONCURRENTLY of a down is repaired by the next run", async () => {
    const dropIndex: Source = {
      name: "DropTitleIndex1700000003000",
      transaction: false,
      up: "DROP INDEX CONCURRENTLY IF EXISTS posts_title",
      down: "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_title ON posts (title)",
    };
    const service = await createService([...expands, dropIndex]);
    const writer = await service.session("writer");
    await writer.query("BEGIN; INSERT INTO posts (title) VALUES ('x')");
    const running = await begin(service, [...expands, dropIndex]);
    await untilRunning(service, "CREATE INDEX CONCURRENTLY");
    running.process.kill("SIGKILL");
    await untilGone(service);
    await writer.query("COMMIT");
    const valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'posts_title'::regclass";
    expect(await service.query(valid)).toEqual([{ indisvalid: false }]);
    expect((await rollback(service, [...expands, dropIndex])).code).toBe(0);
    expect(await service.query(valid)).toEqual([{ indisvalid: true }]);
    expect(await service.applied()).toEqual(names(expands));
  });

  test("SIGTERM cancels the statement and undoes it: 143", async () => {
    const slow = { ...addAuthor, down: [String(addAuthor.down), "SELECT pg_sleep(30)"] };
    const service = await createService([createPosts, slow]);
    const running = await begin(service, [createPosts, slow]);
    await untilRunning(service, "pg_sleep");
    running.process.kill("SIGTERM");
    expect((await running.finished).code).toBe(143);
    await untilGone(service);
    expect(await service.applied()).toEqual([createPosts.name, addAuthor.name]);
    expect(await service.query("SELECT author FROM posts")).toEqual([]);
  });
});

test("TypeORM's CLI goes on after phases and a rollback, and the migrator after it", async () => {
  const service = await createService(v3);
  const dir = await migrationsFolder(...v4);
  await migrator(["up", "--phase", "all"], { url: service.url, dir });
  await rollback(service, v4);
  const cli = await new DataSource({
    type: "postgres",
    url: service.url,
    migrationsTransactionMode: "each",
    migrations: v4.map((source) => `${dir}/${fileOf(source)}`),
  }).initialize();
  onTestFinished(() => cli.destroy());
  expect((await cli.runMigrations()).map(({ name }) => name)).toEqual([requireTags.name]);
  await cli.undoLastMigration();
  await cli.undoLastMigration();
  expect(await service.applied()).toEqual(names(v3));
  expect((await migrator(["up", "--phase", "all"], { url: service.url, dir })).code).toBe(0);
  expect(await service.applied()).toEqual(names(v4));
  expect(await service.floor()).toMatchObject({ contract: requireTags.name, state: "final" });
});
