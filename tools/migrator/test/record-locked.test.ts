import { expect, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, type TestDatabase, until } from "./support/database.ts";
import { addAuthor, createPosts, migrationsFolder, type Source } from "./support/folder.ts";

const fill: Source = { name: "Fill1700000003000", phase: "backfill", up: "SELECT 1" };
const quickly = ["--lock-timeout", "200ms", "--lock-budget", "1s"];

/** Somebody who locked the record and forgot to end his transaction. */
async function lockedRecord(mode: string) {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts, addAuthor, fill);
  expect((await migrator(["up", "--to", createPosts.name], { url: database.url, dir })).code).toBe(0);
  const holder = await database.session("idle-holder");
  await holder.query(`BEGIN; LOCK TABLE migrations, migrations_detail IN ${mode} MODE`);
  return { database, dir, holder };
}

const untilQueued = (database: TestDatabase) =>
  until("a lock wait", async () => {
    const waiting =
      "SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = $1)";
    return (await database.query(waiting, [database.name])).length > 0;
  });

const commands = { up: ["up"], rollback: ["rollback"], backfill: ["backfill", fill.name] };

test.each(Object.entries(commands))(
  "%s, while somebody has locked the record: 11 within its budget, naming him",
  async (_, command) => {
    const { database, dir } = await lockedRecord("ACCESS EXCLUSIVE");
    const started = performance.now();
    const run = await migrator([...command, ...quickly], { url: database.url, dir });
    expect(run.code).toBe(11);
    expect(performance.now() - started).toBeLessThan(6_000);
    expect(run.summary.message).toMatch(
      /did not get the lock on migrations.*, held by pid \d+ \(idle-holder, idle in transaction\)/,
    );
  },
);

test.each(Object.entries(commands))(
  "%s, waiting for the locked record, ends on SIGTERM",
  async (_, command) => {
    const { database, dir } = await lockedRecord("ACCESS EXCLUSIVE");
    const running = start([...command, "--lock-timeout", "60s"], { url: database.url, dir });
    await untilQueued(database);
    const told = performance.now();
    running.process.kill("SIGTERM");
    expect((await running.finished).code).toBe(143);
    expect(performance.now() - told).toBeLessThan(3_000);
  },
);

test("status does not wait for the locked record without end either, and names who holds it", async () => {
  const { database, dir } = await lockedRecord("ACCESS EXCLUSIVE");
  const run = await migrator(["status"], { url: database.url, dir });
  expect(run.code).toBe(11);
  expect(run.summary.message).toContain("idle-holder");
});

test("the record is prepared again and again within the lock budget", async () => {
  const { database, dir, holder } = await lockedRecord("ACCESS SHARE");
  await database.query("INSERT INTO migrations (timestamp, name) VALUES (1700000001000, $1)", [
    addAuthor.name,
  ]);
  await database.query("ALTER TABLE posts ADD COLUMN author text");
  await holder.query("COMMIT; BEGIN; LOCK TABLE migrations_detail IN SHARE MODE");
  const running = start(["up", "--lock-timeout", "200ms", "--lock-budget", "20s"], {
    url: database.url,
    dir,
  });
  await until("a second try", async () => /"attempt":2/.test(running.stderr()));
  await holder.query("COMMIT");
  expect((await running.finished).code).toBe(0);
});
