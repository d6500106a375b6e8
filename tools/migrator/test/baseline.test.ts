import { expect, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { createDatabase, type TestDatabase } from "./support/database.ts";
import { migrationsFolder, type Source } from "./support/folder.ts";
import { withShadow } from "./support/shadow.ts";

const create: Source = {
  name: "Create1700000000000",
  up: [
    "CREATE TYPE mood AS ENUM ('good', 'bad')",
    "CREATE SCHEMA aside",
    `CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title varchar(40) NOT NULL DEFAULT 'none',
       mood mood, words int CHECK (words > 0), old text, "Upper" numeric(10,2) GENERATED ALWAYS AS (words * 2) STORED)`,
    "CREATE TABLE aside.notes (id serial PRIMARY KEY, post bigint REFERENCES posts ON DELETE CASCADE)",
    "CREATE VIEW good AS SELECT id, title FROM posts WHERE mood = 'good'",
    "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'",
    "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER keep BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION keep()",
  ],
};
const index: Source = {
  name: "Index1700000001000",
  transaction: false,
  up: "CREATE INDEX CONCURRENTLY posts_title ON posts (lower(title)) WHERE words > 3",
};
const drop: Source = {
  name: "Drop1700000002000",
  phase: "contract",
  up: "ALTER TABLE posts DROP COLUMN old",
};
const later: Source = { name: "Later1700000003000", up: "CREATE TABLE later (id int)" };

const env = withShadow() as Record<string, string>;
const all = [create, index, drop];

async function synchronized(...more: string[]): Promise<TestDatabase> {
  const database = await createDatabase();
  for (const sql of [...all.flatMap(({ up }) => up), ...more]) await database.query(sql);
  return database;
}

const recorded = (database: TestDatabase) =>
  database.query(`SELECT m.name, d.phase, length(d.checksum) AS sum, d.applied_at, d.duration_ms
                    FROM migrations m JOIN migrations_detail d USING (name) ORDER BY m.id`);

test("a schema made without migrations: shown, compared, recorded with its floor; then nothing to do, and up goes on from there", async () => {
  const database = await synchronized("CREATE TABLE schema_migrations (version text)");
  const dir = await migrationsFolder(...all, later);
  const run = (...args: string[]) => migrator(args, { url: database.url, dir, env });
  const to = ["--to", drop.name];
  const dry = await run("baseline", "--dry-run", "--json", ...to);
  const shown = {
    recorded: all.map(({ name, phase = "expand" }) => ({ name, phase })),
    history: [],
    none: false,
    check: { state: "matches" },
  };
  expect([dry.code, JSON.parse(dry.stdout)]).toMatchObject([0, { ...shown, dryRun: true }]);
  expect(await database.query("SELECT to_regclass('migrations') AS t")).toEqual([{ t: null }]);

  const done = await run("baseline", "--json", ...to);
  expect([done.code, JSON.parse(done.stdout)]).toMatchObject([0, { ...shown, dryRun: false }]);
  expect(done.log.filter(({ message }) => message === "to be recorded as applied")).toHaveLength(3);
  expect(await recorded(database)).toEqual(
    all.map(({ name, phase = "expand" }) => ({ name, phase, sum: 64, applied_at: null, duration_ms: null })),
  );
  expect(await database.query("SELECT * FROM migrations_floor")).toEqual([
    { floor: "1700000002000", contract: drop.name, state: "final" },
  ]);
  const again = await run("baseline", ...to);
  expect([again.code, again.summary.message]).toEqual([0, "nothing to do"]);
  expect((await run("up")).summary.message).toBe(`applied ${later.name}`);
});

test("a schema that is another one: 21 with every difference; nothing recorded unless they are accepted", async () => {
  const database = await synchronized(
    "ALTER TABLE posts ALTER title SET DEFAULT 'some', ALTER words SET NOT NULL, DROP CONSTRAINT posts_words_check, ADD COLUMN extra int",
    "DROP INDEX posts_title",
    "ALTER TYPE mood ADD VALUE 'so so'",
    "CREATE OR REPLACE VIEW good AS SELECT id, title FROM posts WHERE mood <> 'bad'",
    "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 3'",
    "ALTER TABLE posts DISABLE TRIGGER keep",
    "ALTER SEQUENCE aside.notes_id_seq INCREMENT 2",
    "ALTER TABLE aside.notes DROP CONSTRAINT notes_post_fkey, ADD FOREIGN KEY (post) REFERENCES posts NOT VALID",
    "CREATE TABLE later (id int PRIMARY KEY)",
  );
  const dir = await migrationsFolder(...all);
  const run = (...args: string[]) => migrator(["baseline", ...args], { url: database.url, dir, env });
  const refused = await run("--json");
  expect(refused.code).toBe(21);
  const { check } = JSON.parse(refused.stdout).error;
  expect(
    check.differences.map(({ what, object }: Record<string, string>) => `${what} ${object}`).sort(),
  ).toEqual(
    [
      "different column public.posts.title",
      "different column public.posts.words",
      "missing constraint posts_words_check on public.posts",
      "extra column public.posts.extra",
      "missing index posts_title on public.posts",
      "different type public.mood",
      "different view public.good",
      "different function public.twice(integer)",
      "different trigger keep on public.posts",
      "different sequence aside.notes_id_seq",
      "different constraint notes_post_fkey on aside.notes",
      "extra table public.later",
    ].sort(),
  );
  expect(refused.summary.message).toContain(
    "constraint posts_words_check on public.posts is missing (CHECK ((words > 0)))",
  );
  expect(await database.query("SELECT to_regclass('migrations') AS t")).toEqual([{ t: null }]);
  const accepted = await run("--accept-differences");
  expect([accepted.code, accepted.summary.message]).toEqual([
    0,
    expect.stringContaining("12 differences accepted"),
  ]);
});

test("without a shadow it says that it did not check, in the log and the result; migrations that run on nothing are told from that", async () => {
  const database = await synchronized();
  const dir = await migrationsFolder(...all);
  // The bundle has no PostgreSQL to start.
  const run = await migrator(["baseline", "--json"], { url: database.url, dir });
  expect([run.code, JSON.parse(run.stdout).check.state]).toEqual([0, "not checked"]);
  expect(run.log.find(({ level }) => level === "warn")?.message).toContain(
    "it was not checked that the schema has",
  );
  expect(run.summary.message).toContain("it was not checked");

  const other = await createDatabase();
  await other.query("CREATE TABLE old (id int)");
  const alter = await migrationsFolder({ name: "Alter1700000000000", up: "ALTER TABLE old ADD a int" });
  const fails = await migrator(["baseline"], { url: other.url, dir: alter, env });
  expect([fails.code, fails.summary.message]).toEqual([
    21,
    expect.stringContaining("do not run on an empty database"),
  ]);
});

test("a squashed history: one problem, one command; the old rows stay for the releases that know them", async () => {
  const database = await createDatabase();
  const old = [create, index, drop];
  const oldDir = await migrationsFolder(...old);
  expect((await migrator(["up", "--phase", "all"], { url: database.url, dir: oldDir })).code).toBe(0);
  const squash: Source = {
    name: "Squash1700000002500",
    up: [...all.flatMap(({ up }) => up)].map((sql) => sql.replace("CONCURRENTLY ", "")),
  };
  const dir = await migrationsFolder(squash, later);
  const run = (...args: string[]) => migrator(args, { url: database.url, dir, env });
  const [up, status] = [await run("up"), await run("status", "--json")];
  expect([up.code, status.code]).toEqual([21, 21]);
  expect(JSON.parse(status.stdout).problems).toHaveLength(1);
  expect(JSON.parse(status.stdout).problems[0].message).toBe(up.summary.message);
  expect(up.summary.message).toContain("3 migrations are applied in the database but are not among these");
  expect(up.summary.next).toContain("migrator baseline, which keeps them as history");

  const done = await run("baseline", "--to", squash.name, "--json");
  expect([done.code, JSON.parse(done.stdout)]).toMatchObject([
    0,
    { recorded: [{ name: squash.name }], history: old.map(({ name }) => name), check: { state: "matches" } },
  ]);
  expect((await run("baseline", "--to", squash.name)).summary.message).toBe("nothing to do");
  expect((await run("up")).summary.message).toBe(`applied ${later.name}`);
  expect((await run("status")).stdout).toMatch(/Create1700000000000 +history/);
  // The floor of the contract that was squashed away, and a release from before.
  expect(await database.query("SELECT floor FROM migrations_floor")).toEqual([{ floor: "1700000002000" }]);
  const older = await migrator(["up"], { url: database.url, dir: oldDir });
  expect([older.code, older.summary.message]).toEqual([0, expect.stringContaining("the database is newer")]);
  expect((await run("rollback")).code).toBe(0);
  expect((await run("rollback", "--to", squash.name)).code).toBe(0);
});

test("--none: what is there is somebody else's; all of them run, once that is said, and a down that leaves something says it too", async () => {
  const database = await createDatabase();
  await database.query("CREATE TABLE theirs (id int)");
  const dir = await migrationsFolder({ ...later, down: [] });
  const run = (...args: string[]) => migrator(args, { url: database.url, dir, env });
  expect((await run("up")).code).toBe(21);
  expect((await run("baseline", "--none", "--to", later.name)).code).toBe(2);
  const none = await run("baseline", "--none");
  expect([none.code, none.summary.message]).toEqual([0, "recorded that nothing is applied"]);
  expect((await run("baseline", "--none")).summary.message).toBe("nothing to do");
  expect((await run("up")).summary.message).toBe(`applied ${later.name}`);
  expect((await run("baseline", "--none")).code).toBe(2);
  expect((await run("rollback")).code).toBe(0);
  // Its down left the table: up fails on that, and is not refused.
  expect((await run("up")).code).toBe(20);
});
