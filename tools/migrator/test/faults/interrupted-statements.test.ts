import { expect, test } from "vitest";
import { createDatabase, saySharedSchema, type TestDatabase, untilGone } from "../support/database.ts";
import { migrationsFolder, type Source } from "../support/folder.ts";
import { upHere } from "../support/here.ts";
import { converse } from "./boundary.ts";
import { snapshotOf } from "./snapshot.ts";

const base = `
  CREATE TABLE posts (id int PRIMARY KEY, title text);
  CREATE INDEX posts_old ON posts (title);
  CREATE TYPE mood AS ENUM ('sad', 'glad');
  CREATE TABLE events (day int NOT NULL) PARTITION BY RANGE (day);
  CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (0) TO (10);
  CREATE TABLE events_new PARTITION OF events FOR VALUES FROM (10) TO (20);
  CREATE MATERIALIZED VIEW titles AS SELECT id FROM posts;
  CREATE UNIQUE INDEX ON titles (id);`;

/** None of them is written to be repeated. */
const statements = [
  "CREATE UNIQUE INDEX CONCURRENTLY posts_title ON posts /* by */ (lower(title), id DESC) WHERE posts.title <> 'x;'",
  "ALTER TYPE mood ADD VALUE 'calm' BEFORE 'glad'",
  "ALTER TABLE events DETACH PARTITION events_old CONCURRENTLY",
  "REINDEX INDEX CONCURRENTLY posts_pkey",
  "CREATE INDEX CONCURRENTLY posts_new ON posts (title, id)",
  "DROP INDEX CONCURRENTLY posts_old",
  "ALTER INDEX posts_new RENAME TO posts_old",
  "CREATE UNIQUE INDEX CONCURRENTLY posts_twice ON posts (id, title)",
  "ALTER TABLE posts ADD CONSTRAINT posts_unique UNIQUE USING INDEX posts_twice",
  "REFRESH MATERIALIZED VIEW CONCURRENTLY titles",
  "DROP TABLE events_old",
  "CREATE INDEX posts_id ON posts (id)",
];
const work: Source = { name: "Work1700000001000", transaction: false, up: statements };

const begin = async (...up: string[]) => migrationsFolder({ ...work, up });

async function withBase(): Promise<TestDatabase> {
  const database = await createDatabase();
  await database.query(base);
  await saySharedSchema(database);
  return database;
}

/** Runs `up` until the server has answered the statement, which the migrator never hears. Returns its log. */
async function cutAfter(database: TestDatabase, dir: string, sql: string): Promise<string> {
  let cut = () => {};
  const way = await converse(database.url, { statement: sql, side: "after" }, () => cut());
  cut = () => void way.close();
  const { error, log } = await upHere(way.url, dir);
  expect([way.reached(), error?.exitCode], error?.message).toEqual([sql, 30]);
  await untilGone(database);
  return log;
}

const outcome = async (database: TestDatabase) => ({
  ...(await database.query(snapshotOf))[0],
  mood: await database.query("SELECT enum_range(NULL::mood)::text AS labels"),
});

const recognised = (log: string) => log.match(/an earlier attempt has done this statement/g)?.length ?? 0;

test("cut right after each statement, before anybody noted it: each run takes it for done, and the last ends the same", async () => {
  const dir = await begin(...statements);
  const unbroken = await withBase();
  expect((await upHere(unbroken.url, dir)).error?.message).toBeUndefined();
  const database = await withBase();
  for (const [index, sql] of statements.entries()) {
    const log = await cutAfter(database, dir, sql);
    // REINDEX and REFRESH can be repeated as they are, and are.
    const proven = statements.slice(0, index).filter((earlier) => !earlier.startsWith("RE"));
    expect([sql, recognised(log)]).toEqual([sql, proven.length]);
  }
  const last = await upHere(database.url, dir);
  expect(last.error?.message).toBeUndefined();
  expect(await outcome(database)).toEqual(await outcome(unbroken));
}, 240_000);

test("plain statements: what is proven to be done is not done again, what is in doubt is refused with what to do", async () => {
  const database = await withBase();
  const [create, insert, index] = [
    "CREATE TABLE notes (a int)",
    "INSERT INTO notes VALUES (1) ON CONFLICT DO NOTHING",
    "CREATE INDEX CONCURRENTLY notes_a ON notes (a)",
  ] as const;
  const dir = await begin(create, insert, index);
  await cutAfter(database, dir, create);
  const doubt = await upHere(database.url, dir);
  expect(doubt.error?.exitCode).toBe(20);
  expect(doubt.error?.message).toContain('relation "notes" already exists');
  expect(doubt.error?.next).toMatch(
    /An earlier attempt began this statement and was interrupted.*IF NOT EXISTS/,
  );
  await database.query("DROP TABLE notes");

  await cutAfter(database, dir, index);
  const retry = await upHere(database.url, dir);
  expect(retry.error?.message).toBeUndefined();
  expect(recognised(retry.log)).toBe(2);
  expect(retry.log).toContain("it runs again: it must be repeatable");
});

test("an index of that name that is not what the statement says, or was there before, is not taken for its work", async () => {
  const database = await withBase();
  const sql = "CREATE INDEX CONCURRENTLY posts_new ON posts (title)";
  const dir = await begin(sql);
  await cutAfter(database, dir, sql);
  await database.query("DROP INDEX posts_new; CREATE INDEX posts_new ON posts (title DESC)");
  const other = await upHere(database.url, dir);
  expect(other.error?.exitCode).toBe(20);
  expect(other.error?.next).toContain("compare what is there with what it says");
  await database.query("DROP INDEX posts_new");
  expect((await upHere(database.url, dir)).error).toBeUndefined();

  const old = "CREATE INDEX CONCURRENTLY posts_old ON posts (title)";
  const twice = await withBase();
  const again = await begin(old);
  for (const attempt of [1, 2]) {
    const { error } = await upHere(twice.url, again);
    expect([attempt, error?.exitCode, error?.facts.code]).toEqual([attempt, 20, "42P07"]);
  }
});

test("an index dropped by an interrupted attempt, and made again by hand since, is dropped again", async () => {
  const database = await withBase();
  const later = "CREATE TABLE later (a int)";
  const dir = await begin("DROP INDEX CONCURRENTLY posts_old", later);
  await cutAfter(database, dir, later);
  await database.query("DROP TABLE later; CREATE INDEX posts_old ON posts (id)");
  expect((await upHere(database.url, dir)).error?.message).toBeUndefined();
  expect(await database.query("SELECT to_regclass('posts_old') AS old")).toEqual([{ old: null }]);
});

test("DETACH PARTITION CONCURRENTLY that got no lock half-way is finished by the next try", async () => {
  const database = await withBase();
  const reader = await database.session("report");
  await reader.query("BEGIN; SELECT * FROM events");
  const dir = await begin("ALTER TABLE events DETACH PARTITION events_old CONCURRENTLY");
  const inVain = await upHere(database.url, dir, 0);
  expect(inVain.error?.exitCode).toBe(11);
  const pending =
    "SELECT inhdetachpending AS pending FROM pg_inherits WHERE inhrelid = 'events_old'::regclass";
  expect(await database.query(pending)).toEqual([{ pending: true }]);
  await reader.query("COMMIT");
  const retry = await upHere(database.url, dir);
  expect(retry.error?.message).toBeUndefined();
  expect(retry.log).toContain("finishing the DETACH PARTITION that was interrupted");
  expect(await database.query(pending)).toEqual([]);
});

test("a migration that takes another role keeps it, and its statements are noted all the same", async () => {
  const database = await withBase();
  const admin = await database.admin();
  const role = `${database.name}_other`;
  await admin.query(
    `CREATE ROLE ${role}; GRANT ${role} TO ${database.name}; GRANT CREATE ON SCHEMA public TO ${role}`,
  );
  const dir = await begin(
    `SET ROLE ${role}`,
    "CREATE TABLE theirs (a int)",
    "CREATE TABLE theirs_too (a int)",
  );
  const { error } = await upHere(database.url, dir);
  expect(error?.message).toBeUndefined();
  const owners = await database.query(
    "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename LIKE 'theirs%'",
  );
  expect(owners).toEqual([{ tableowner: role }]);
  await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
});
