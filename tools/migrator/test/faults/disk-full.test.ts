import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { migrator } from "../support/cli.ts";
import { createPosts, indexTitles, migrationsFolder, type Source } from "../support/folder.ts";
import { needsRoot, root } from "./privileged.ts";

/** A server whose tables live on a disk of 16 MB, and a session in a database on it. */
async function onSmallDisk(context: TestContext) {
  await needsRoot(context, "mounting a small disk");
  const disk = await mkdtemp(join(tmpdir(), "migrator-disk-"));
  await root("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk);
  onTestFinished(async () => {
    await root("umount", "--lazy", disk);
    await rm(disk, { recursive: true });
  });
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const admin = new pg.Client({ connectionString: server.adminUrl });
  await admin.connect();
  const { rows } = await admin.query("SHOW data_directory");
  const { uid, gid } = await stat(rows[0].data_directory);
  await root("chown", `${uid}:${gid}`, disk);
  await admin.query(`CREATE TABLESPACE small LOCATION '${disk}'`);
  await admin.query("CREATE DATABASE small TABLESPACE small");
  await admin.end();
  const url = server.url("small");
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  onTestFinished(() => session.end());
  return {
    url,
    session,
    grow: () => root("mount", "-o", "remount,size=256m", disk),
    /** Leaves one free megabyte on the disk. */
    async fillUp() {
      const [, used = ""] = (await root("df", "--block-size=1M", "--output=used", disk)).trim().split("\n");
      await root("mount", "-o", `remount,size=${Number(used) + 1}m`, disk);
    },
  };
}

const fill: Source = {
  name: "Fill1700000001000",
  up: "CREATE TABLE filler AS SELECT repeat('x', 900) AS x FROM generate_series(1, 100000)",
};

test("no disk space: 20, final, says so, and what was begun is gone; with room again the same run succeeds", async (context) => {
  const { url, session, grow } = await onSmallDisk(context);
  const dir = await migrationsFolder(createPosts, fill);
  const run = await migrator(["up"], { url, dir });
  expect(run.code).toBe(20);
  expect(run.summary).toMatchObject({ code: "53100", migration: fill.name });
  expect(run.summary.message).toMatch(/no disk space left .*No space left on device/);
  expect(run.summary.next).toMatch(/^Make room/);
  const { rows } = await session.query(
    "SELECT to_regclass('filler') AS filler, (SELECT count(*)::int FROM migrations) AS n",
  );
  expect(rows).toEqual([{ filler: null, n: 1 }]);
  await grow();
  expect((await migrator(["up"], { url, dir })).code).toBe(0);
});

test("no disk space for an index: the unfinished one is dropped, and the next run builds it", async (context) => {
  const { url, session, fillUp, grow } = await onSmallDisk(context);
  expect((await migrator(["up"], { url, dir: await migrationsFolder(createPosts) })).code).toBe(0);
  await session.query(
    "INSERT INTO posts (title) SELECT repeat('x', 90) || i FROM generate_series(1, 40000) AS i",
  );
  await fillUp();
  const dir = await migrationsFolder(createPosts, indexTitles);
  const run = await migrator(["up"], { url, dir });
  expect(run.code).toBe(20);
  expect(run.summary).toMatchObject({ code: "53100", migration: indexTitles.name });
  expect(run.summary.next).toMatch(/^Make room, then run again\. It runs outside a transaction/);
  const index = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('posts_title')";
  expect((await session.query(index)).rows).toEqual([]);
  await grow();
  expect((await migrator(["up"], { url, dir })).code).toBe(0);
  expect((await session.query(index)).rows).toEqual([{ indisvalid: true }]);
});
