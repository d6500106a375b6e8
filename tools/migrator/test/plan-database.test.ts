import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, secret, type TestDatabase, until } from "./support/database.ts";
import { addAuthor, createPosts, indexTitles, migrationsFolder } from "./support/folder.ts";
import { plan, shadowRole, withShadow } from "./support/shadow.ts";

/** Everything a plan could have changed: the whole catalog of what is not PostgreSQL's own, the rows, the counters. */
const fingerprint = (database: TestDatabase) =>
  database.query(`
    SELECT (SELECT json_agg(c ORDER BY c.oid) FROM pg_class c WHERE c.oid >= 16384) AS classes,
           (SELECT json_agg(a ORDER BY a.attrelid, a.attnum) FROM pg_attribute a WHERE a.attrelid >= 16384) AS columns,
           (SELECT json_agg(m) FROM migrations m) AS record, (SELECT json_agg(d) FROM migrations_detail d) AS detail,
           (SELECT json_agg(f) FROM migrations_floor f) AS floor, (SELECT json_agg(b) FROM migrations_backfill b) AS backfill,
           (SELECT json_agg(p) FROM posts p) AS posts,
           (SELECT json_agg(n ORDER BY n.oid) FROM pg_namespace n) AS schemas`);

async function migrated() {
  const database = await createDatabase();
  const before = await migrationsFolder(createPosts);
  await migrator(["up"], { url: database.url, dir: before });
  await database.query("INSERT INTO posts (title) VALUES ('kept')");
  const dir = await migrationsFolder(createPosts, addAuthor, indexTitles);
  return { database, dir };
}

test("the real database is not touched, and nothing is left of the shadow", async () => {
  const { database, dir } = await migrated();
  const shadow = await shadowRole(database);
  const before = await fingerprint(database);
  const { code, pending } = await plan([], { url: database.url, dir, env: shadow.env });
  expect(code).toBe(0);
  expect(pending).toHaveLength(2);
  expect(await fingerprint(database)).toEqual(before);
  expect(await shadow.databases()).toEqual([]);
});

test("SELECT on the record is all a role needs, in a database that refuses every write", async () => {
  const { database, dir } = await migrated();
  const admin = await database.admin();
  const reader = `${database.name}_reader`;
  await admin.query(`CREATE ROLE ${reader} LOGIN PASSWORD '${secret}'`);
  await admin.query(`ALTER ROLE ${reader} SET default_transaction_read_only = on`);
  await admin.query(
    `GRANT SELECT ON migrations, migrations_detail, migrations_floor, migrations_backfill, migrations_unfinished TO ${reader}`,
  );
  const { code, pending } = await plan([], { url: database.as(reader, secret), dir });
  expect(code).toBe(0);
  expect(pending.map(({ name }) => name)).toEqual([addAuthor.name, indexTitles.name]);
});

test("the session on the real database is a read-only one", async () => {
  const { database, dir } = await migrated();
  const admin = await database.admin();
  // A policy on the record tells what the session that reads it may do.
  await admin.query("CREATE TABLE seen (read_only text)");
  await admin.query("GRANT INSERT ON seen TO PUBLIC");
  await admin.query(
    "CREATE FUNCTION spy() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen VALUES (current_setting('transaction_read_only')); RETURN 1; END $$",
  );
  await admin.query(
    `INSERT INTO migrations_floor VALUES (0, 'x', 'proposed'); CREATE POLICY spying ON migrations_floor USING (spy() = 1);
     ALTER TABLE migrations_floor ENABLE ROW LEVEL SECURITY; ALTER TABLE migrations_floor FORCE ROW LEVEL SECURITY`,
  );
  const { code, summary } = await migrator(["plan"], { url: database.url, dir, env: withShadow() });
  expect(summary.message).toMatch(/read-only/);
  expect(code).toBe(30);
});

test("an empty database does where the role may create none, and is empty again afterwards", async () => {
  const { database, dir } = await migrated();
  const shadow = await createDatabase();
  const env = { SHADOW_DATABASE_URL: shadow.url };
  for (let run = 0; run < 2; run++) {
    const { code, pending } = await plan([], { url: database.url, dir, env });
    expect(code).toBe(0);
    expect(pending).toHaveLength(2);
    expect(
      await shadow.query("SELECT relname FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'S', 'i')"),
    ).toEqual([]);
  }
  await shadow.query("CREATE TABLE somebodys (id int)");
  const { code, summary } = await migrator(["plan"], { url: database.url, dir, env });
  expect(code).toBe(2);
  expect(summary.message).toMatch(/not empty: it has the table public.somebodys/);
  expect(await shadow.query("SELECT * FROM somebodys")).toEqual([]);
});

test("two runs do not share an empty database", async () => {
  const database = await createDatabase();
  const shadow = await createDatabase();
  const env = { SHADOW_DATABASE_URL: shadow.url };
  const slow = await migrationsFolder({ name: "Slow1700000000000", up: "SELECT pg_sleep(5)" });
  const first = start(["plan"], { url: database.url, dir: slow, env });
  await until("the first run", async () => {
    const rows = await shadow.query(
      "SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(5)' AND datname = $1",
      [shadow.name],
    );
    return rows.length > 0;
  });
  const { code, summary } = await migrator(["plan"], { url: database.url, dir: slow, env });
  expect(summary.message).toMatch(/is being used by another run at this moment/);
  expect(code).toBe(2);
  expect((await first.finished).code).toBe(0);
});

test("the database itself is refused as its own shadow", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  const { code, summary } = await migrator(["plan"], {
    url: database.url,
    dir,
    env: { SHADOW_DATABASE_URL: database.url },
  });
  expect(code).toBe(2);
  expect(summary.message).toMatch(/is the database in DATABASE_URL itself/);
});

test("search_path and the record's schema are those of the real database", async () => {
  const database = await createDatabase();
  const admin = await database.admin();
  await admin.query(`CREATE SCHEMA app AUTHORIZATION ${database.name}`);
  await admin.query(`ALTER ROLE ${database.name} IN DATABASE ${database.name} SET search_path = app, public`);
  const dir = await migrationsFolder(createPosts, addAuthor);
  await migrator(["up", "--to", createPosts.name], { url: database.url, dir });
  const { pending } = await plan([], { url: database.url, dir });
  expect(pending[0]?.statements[0]?.locks[0]).toMatchObject({
    relation: "posts",
    mode: "AccessExclusiveLock",
  });
});

test("a migration that fails is named, with 20; nothing is left", async () => {
  const { database } = await migrated();
  const dir = await migrationsFolder(createPosts, addAuthor, {
    name: "Broken1700000003000",
    up: "ALTER TABLE nowhere ADD COLUMN a text",
  });
  const shadow = await shadowRole(database);
  const { code, summary } = await migrator(["plan"], { url: database.url, dir, env: shadow.env });
  expect(code).toBe(20);
  expect(summary.message).toMatch(
    /^The plan failed on the shadow database \(the real one was only read\): Broken1700000003000 failed: relation "nowhere" does not exist/,
  );
  expect(summary.next).toMatch(/rows and objects made by hand .* are missing there/);
  expect(await shadow.databases()).toEqual([]);
});

test("what up would refuse, plan refuses before anything is tried", async () => {
  const { database, dir } = await migrated();
  await writeFile(
    join(dir, "1700000000000-CreatePosts.mjs"),
    "export class CreatePosts1700000000000 { async up() {} async down() {} }",
  );
  const { code, summary } = await migrator(["plan"], { url: database.url, dir, env: withShadow() });
  expect(code).toBe(21);
  expect(summary.message).toMatch(/was edited/);
});

test("no password is printed, of either database", async () => {
  const { database, dir } = await migrated();
  const shadow = await createDatabase();
  const wrong = shadow.as(shadow.name, "wr0ng-And-Secret");
  for (const url of [wrong, shadow.url]) {
    const { stdout, stderr } = await migrator(["plan", "--verbose"], {
      url: database.url,
      dir,
      env: { SHADOW_DATABASE_URL: url },
    });
    expect(stdout + stderr).not.toMatch(/wr0ng-And-Secret|s3cret-Never-Shown/);
    expect(stdout + stderr).toContain("shadow");
  }
});

test("without a shadow to be had it says what to give", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  // The bundle alone, as in an image: no scratch PostgreSQL is installed beside it.
  const { code, summary } = await migrator(["plan"], {
    url: database.url,
    dir,
    env: { SHADOW_DATABASE_URL: undefined },
  });
  expect(code).toBe(2);
  expect(summary.message).toBe("No scratch PostgreSQL can be started here.");
  expect(summary.next).toMatch(/--shadow postgres:/);
});

test("in this repository a scratch PostgreSQL is started when none is given, with the real server's roles", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts, {
    name: "Grant1700000001000",
    up: `GRANT SELECT ON posts TO ${database.name}`,
  });
  const program = join(import.meta.dirname, "..", "bin", "migrator.mjs");
  const { code, summary } = await migrator(["plan"], {
    url: database.url,
    dir,
    program,
    env: { SHADOW_DATABASE_URL: undefined },
  });
  expect(code).toBe(0);
  expect(summary.message).toMatch(/observed on a scratch PostgreSQL \d+/);
});

test("told to stop, it drops its database first", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder({ name: "Slow1700000000000", up: "SELECT pg_sleep(60)" });
  const shadow = await shadowRole(database);
  const running = start(["plan"], { url: database.url, dir, env: shadow.env });
  const [name] = await until("a shadow database", async () => {
    const found = await shadow.databases();
    return found.length > 0 ? found : undefined;
  });
  const admin = await database.admin();
  await until("the sleep", async () => {
    const { rowCount } = await admin.query(
      "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND datname = $1",
      [name],
    );
    return (rowCount ?? 0) > 0;
  });
  running.process.kill("SIGTERM");
  expect((await running.finished).code).toBe(143);
  expect(await shadow.databases()).toEqual([]);
});

test("text names statement, lock, what it blocks, and what was read", async () => {
  const { database } = await migrated();
  const dir = await migrationsFolder(createPosts, {
    name: "Check1700000001000",
    up: ["ALTER TABLE posts ADD CONSTRAINT named CHECK (title <> '')", "CREATE TABLE tags (id int)"],
  });
  const { stdout, stderr } = await migrator(["plan"], { url: database.url, dir, env: withShadow() });
  expect(stdout).toBe(`Check1700000001000  expand · one transaction

  1. ALTER TABLE posts ADD CONSTRAINT named CHECK (title <> '')
       AccessExclusiveLock       posts  blocks reads, writes and DDL
       reads all of posts

  2. CREATE TABLE tags (id int)
       AccessExclusiveLock       posts  still held, since statement 1
       new, so nobody waits: tags
`);
  expect(stderr).toMatch(/1 migration pending, 2 statements, observed on a throw-away database/);
});

test("what locks only indexes anew, because its table is locked already, is shown", async () => {
  const { database } = await migrated();
  const up = ["ALTER TABLE posts ADD COLUMN a int", "CREATE INDEX ia ON posts (a)", "UPDATE posts SET a = 1"];
  const dir = await migrationsFolder(createPosts, { name: "Number1700000001000", up });
  const { stdout } = await migrator(["plan"], { url: database.url, dir, env: withShadow() });
  expect(stdout.split("\n").filter((line) => /^ +\d\. /.test(line))).toEqual(
    up.map((sql, index) => `  ${index + 1}. ${sql}`),
  );
  expect(stdout).not.toContain("checkpoint");
  const { pending } = await plan([], { url: database.url, dir });
  expect(pending[0]?.statements.map(({ checkpoint }) => checkpoint)).toEqual([false, false, false]);
});
