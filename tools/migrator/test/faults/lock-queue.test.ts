import { expect, onTestFinished, test } from "vitest";
import { migrator, start } from "../support/cli.ts";
import { createDatabase, type TestDatabase, until } from "../support/database.ts";
import { addAuthor, createPosts, indexTitles, migrationsFolder } from "../support/folder.ts";

const lockTimeoutMs = 500;

/** The longest that any session but the migrator's own was seen to wait for a lock, by the server's clock. */
async function watchQueue(database: TestDatabase) {
  const session = await database.session("watch");
  let longestMs = 0;
  let seen = 0;
  let watching = true;
  const look = async () => {
    while (watching) {
      const { rows } = await session.query<{ ms: number }>(
        `SELECT extract(epoch FROM clock_timestamp() - l.waitstart) * 1000 AS ms
           FROM pg_locks l JOIN pg_stat_activity a USING (pid)
          WHERE NOT l.granted AND l.waitstart IS NOT NULL AND a.datname = current_database()
            AND a.application_name <> 'migrator'`,
      );
      for (const { ms } of rows) longestMs = Math.max(longestMs, Number(ms));
      seen += rows.length;
      await new Promise((done) => setTimeout(done, 5));
    }
  };
  const looking = look();
  const end = async () => {
    watching = false;
    await looking;
    return { longestMs, seen };
  };
  onTestFinished(() => void end());
  return end;
}

/** Reads or writes one row after the other, as an application does. */
async function traffic(database: TestDatabase, statement: string) {
  const session = await database.session("application");
  let going = true;
  let done = 0;
  const loop = async () => {
    for (; going; done++) await session.query(statement);
  };
  const looping = loop();
  return async () => {
    going = false;
    await looping;
    return done;
  };
}

test("somebody idle in a transaction on the table: the application never waits longer than lock_timeout, again and again", async () => {
  const database = await createDatabase();
  await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
  await database.query("INSERT INTO posts (title) SELECT 'x' FROM generate_series(1, 100)");
  const holder = await database.session("holder");
  await holder.query("BEGIN; SELECT * FROM posts LIMIT 1");
  const end = await watchQueue(database);
  const stops = await Promise.all([
    traffic(database, "SELECT count(*) FROM posts"),
    traffic(database, "UPDATE posts SET title = title WHERE id = (random() * 99)::int + 1"),
  ]);
  const dir = await migrationsFolder(createPosts, addAuthor, indexTitles);
  const first = await migrator(["up", "--lock-budget", "6s"], { url: database.url, dir });
  expect(first.code).toBe(11);
  const tries = first.log.filter(({ message }) => message.startsWith("lock not granted in time")).length;
  expect(tries).toBeGreaterThanOrEqual(2);

  // Then he lets go in the middle of the next run, which finishes, with an index built under the same traffic.
  const second = start(["up", "--lock-budget", "60s"], { url: database.url, dir });
  await until("a try", async () => second.stderr().includes("lock not granted in time"));
  await holder.query("COMMIT");
  expect((await second.finished).code).toBe(0);
  const done = await Promise.all(stops.map((stop) => stop()));
  const { longestMs, seen } = await end();
  // They did queue behind us, or nothing was measured.
  expect(seen).toBeGreaterThan(0);
  expect(longestMs).toBeGreaterThan(lockTimeoutMs / 4);
  // The server may be late to end a wait, but not by as much as another one.
  expect(longestMs).toBeLessThan(lockTimeoutMs * 1.8);
  for (const count of done) expect(count).toBeGreaterThan(10);
});
