import { expect, test } from "vitest";
import { lockKey } from "../src/database/lock.ts";
import { recordTables } from "../src/record/tables.ts";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, until, untilGone, untilRunning } from "./support/database.ts";
import { addAuthor, createPosts, indexTitles, migrationsFolder } from "./support/folder.ts";
import { startProxy } from "./support/proxy.ts";

test("a second migrator that waits does not deadlock CREATE INDEX CONCURRENTLY of the first", async () => {
  const database = await createDatabase();
  await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
  const dir = await migrationsFolder(createPosts, indexTitles);
  // The build waits for this transaction, so both migrators are certain to be there at once.
  const writer = await database.session("writer");
  await writer.query("BEGIN; INSERT INTO posts (title) VALUES ('x')");
  const first = start(["up"], { url: database.url, dir });
  await untilRunning(database, "CREATE INDEX CONCURRENTLY");
  const second = start(["up"], { url: database.url, dir });
  await until("the second one's wait", async () =>
    second.stderr().includes("another migrator holds the lock"),
  );
  // Longer than deadlock_timeout, which is 1 s: a deadlock would have been found by now.
  await new Promise((done) => setTimeout(done, 1_500));
  await writer.query("COMMIT");
  const [one, two] = await Promise.all([first.finished, second.finished]);
  expect([one.code, two.code]).toEqual([0, 0]);
  expect(two.summary.message).toBe("nothing to do");
  // The build outlasted lock_timeout by far, and its log says what it waited for.
  expect(one.log.find(({ message }) => message.startsWith("waiting for a lock held by"))?.message).toContain(
    "writer",
  );
  expect(
    await database.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'posts_title'::regclass"),
  ).toEqual([{ indisvalid: true }]);
});

test("a holder that outlasts --wait: 10, naming it; another schema's migrator does not wait", async () => {
  const database = await createDatabase();
  await database.query("CREATE SCHEMA other");
  const dir = await migrationsFolder(createPosts);
  const holder = await database.session("the-holder");
  const { classid, objid } = lockKey(recordTables("public"));
  await holder.query("SELECT pg_advisory_lock($1::int, $2::int)", [classid, objid]);
  const run = await migrator(["up", "--wait", "600ms"], { url: database.url, dir });
  expect(run.code).toBe(10);
  expect(run.summary.message).toContain("(the-holder) still holds the migrator's lock");
  expect((await migrator(["up", "--schema", "other", "--wait", "0s"], { url: database.url, dir })).code).toBe(
    0,
  );
});

test("a lock that somebody released is noticed before the next migration", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(
    { ...createPosts, up: [String(createPosts.up), "SELECT pg_advisory_unlock_all()"] },
    addAuthor,
  );
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.code).toBe(2);
  expect(run.summary.message).toContain("does not hold the migrator's lock");
  expect(await database.query("SELECT count(*)::int AS n FROM migrations")).toEqual([{ n: 1 }]);
});

test("a pooler, which announces process ids of its own, is refused", async () => {
  const database = await createDatabase();
  const proxy = await startProxy(database.url, {
    fromServer: (chunk) => {
      // BackendKeyData: 'K', length 12, process id, secret.
      const at = chunk.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
      if (at >= 0) chunk.writeInt32BE(4_242_424, at + 5);
      return chunk;
    },
  });
  const run = await migrator(["up"], { url: proxy.url, dir: await migrationsFolder(createPosts) });
  expect(run.code).toBe(2);
  expect(run.summary.message).toContain("connection pooler");
  expect(await database.query("SELECT to_regclass('migrations') AS t")).toEqual([{ t: null }]);
  // The same way without the pooler's habit is fine.
  const plain = await startProxy(database.url);
  expect((await migrator(["up"], { url: plain.url, dir: await migrationsFolder(createPosts) })).code).toBe(0);
  await untilGone(database);
});
