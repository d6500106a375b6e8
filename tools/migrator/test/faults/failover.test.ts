import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { migrator, start } from "../support/cli.ts";
import { createDatabase, until, untilRunning } from "../support/database.ts";
import { addAuthor, createPosts, indexTitles, migrationsFolder } from "../support/folder.ts";

/** A copy that answers and writes nothing until it is promoted. */
async function standby(dir: string) {
  const dataDir = await mkdtemp(join(tmpdir(), "migrator-standby-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const primary = await startPostgres({ dataDir });
  const url = primary.url("postgres");
  expect((await migrator(["up"], { url, dir })).code).toBe(0);
  await primary.stop();
  await writeFile(join(dataDir, "data", "standby.signal"), "");
  // Resolves once it accepts connections that may write: after its promotion.
  const promoted = startPostgres({ dataDir, port: primary.port });
  const admin = new pg.Pool({ connectionString: url });
  const promote = async () => {
    await admin.query("SELECT pg_promote() WHERE pg_is_in_recovery()");
    await promoted;
  };
  onTestFinished(async () => {
    await promote();
    await admin.end();
    await (await promoted).stop();
  });
  await until("an answer of the standby", () =>
    admin.query("SELECT 1").then(
      () => true,
      () => false,
    ),
  );
  return { url, admin, promote };
}

test("a standby: 30 while it is one, and after its promotion the next try succeeds", async () => {
  const dir = await migrationsFolder(createPosts);
  const { url, admin, promote } = await standby(dir);
  // What needs no writing works: a pod that restarts during a failover is not held up.
  expect((await migrator(["up"], { url, dir })).code).toBe(0);
  expect((await migrator(["status"], { url, dir })).code).toBe(0);

  const more = await migrationsFolder(createPosts, addAuthor, indexTitles);
  const refused = await migrator(["up"], { url, dir: more });
  expect(refused.code).toBe(30);
  expect(refused.summary).toMatchObject({ code: "25006", message: expect.stringContaining("read-only") });

  await promote();
  expect((await migrator(["up"], { url, dir: more })).code).toBe(0);
  expect((await admin.query("SELECT title, author FROM posts")).rows).toEqual([]);
});

test.each([
  [
    "a statement of a transaction",
    { ...addAuthor, up: [addAuthor.up, "SELECT pg_sleep(60)"].flat() },
    "pg_sleep",
  ],
  ["CREATE INDEX CONCURRENTLY", indexTitles, "CREATE INDEX"],
])("all sessions are terminated during %s: 30, and the next run is clean", async (_, source, running) => {
  const database = await createDatabase();
  const admin = await database.admin();
  await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
  const writer = await database.session("writer");
  writer.on("error", () => {});
  await writer.query("BEGIN; INSERT INTO posts (title) VALUES ('x')");
  const dir = await migrationsFolder(createPosts, source);
  const first = start(["up"], { url: database.url, dir });
  const waiting = start(["up"], { url: database.url, dir });
  if (source === indexTitles) await untilRunning(database, running);
  else {
    await writer.query("COMMIT");
    await untilRunning(database, running);
  }
  await until(
    "the second one's wait",
    async () => waiting.stderr().includes("another migrator") || first.stderr().includes("another migrator"),
  );
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND application_name <> 'test'",
    [database.name],
  );
  const ends = await Promise.all([first.finished, waiting.finished]);
  // The one that waited may have asked for the lock in between two questions, and then it does the work.
  for (const end of ends) expect([0, 30], end.stderr).toContain(end.code);
  expect(ends.map(({ code }) => code)).toContain(30);
  const repaired = await migrationsFolder(createPosts, source === indexTitles ? source : addAuthor);
  const next = await migrator(["up"], { url: database.url, dir: repaired });
  expect(next.code, next.stderr).toBe(0);
  expect(await database.query("SELECT 1 FROM pg_index WHERE NOT indisvalid")).toEqual([]);
  expect(await database.query("SELECT count(*)::int AS n FROM migrations")).toEqual([{ n: 2 }]);
});
