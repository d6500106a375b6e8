import { randomBytes } from "node:crypto";
import { expect, inject, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { connect, secret, until, urlOf } from "./support/database.ts";
import { addAuthor, createPosts, migrationsFolder } from "./support/folder.ts";

function freshEnvironment() {
  const name = `b_${randomBytes(6).toString("hex")}`;
  const admin = inject("adminUrl");
  return {
    name,
    env: {
      DATABASE_URL: admin,
      MIGRATOR_DATABASE_URL: urlOf(name, `${name}_migrator`, `${secret}-migrator-ü`),
      APP_DATABASE_URL: urlOf(name, `${name}_app`, `${secret}-app`),
    },
  };
}

test("makes roles, database and grants; a second time changes nothing and still succeeds", async () => {
  const { name, env } = freshEnvironment();
  const first = await migrator(["bootstrap", "--json", "--verbose"], { env });
  expect(first.code).toBe(0);
  expect(JSON.parse(first.stdout).created).toEqual([
    `role ${name}_migrator`,
    `role ${name}_app`,
    `database ${name}`,
  ]);
  const second = await migrator(["bootstrap", "--json"], { env });
  expect(second.code).toBe(0);
  expect(JSON.parse(second.stdout).created).toEqual([]);
  expect(first.stdout + first.stderr + second.stdout + second.stderr).not.toContain(secret);

  const admin = await connect(urlOf(name, "postgres", new URL(env.DATABASE_URL).password));
  expect(
    (
      await admin.query(
        `SELECT pg_get_userbyid(datdba) AS owner, has_database_privilege('public', datname, 'CONNECT') AS anyone,
                has_schema_privilege('public', 'public', 'CREATE') AS creates,
                pg_has_role($2, 'pg_read_all_stats', 'USAGE') AS stats,
                (SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = $2) AS scram
           FROM pg_database WHERE datname = $1`,
        [name, `${name}_migrator`],
      )
    ).rows,
  ).toEqual([{ owner: `${name}_migrator`, anyone: false, creates: false, stats: true, scram: true }]);
  await admin.end();
});

test("the application can use what the migrator creates, and create, alter or drop nothing", async () => {
  const { name, env } = freshEnvironment();
  await migrator(["bootstrap"], { env });
  const dir = await migrationsFolder(createPosts, addAuthor);
  const url = env.MIGRATOR_DATABASE_URL;
  expect((await migrator(["up", "--reader", `${name}_app`], { url, dir })).code).toBe(0);
  const app = await connect(env.APP_DATABASE_URL);
  await app.query("INSERT INTO posts (title) VALUES ('hello')");
  await app.query("UPDATE posts SET author = 'me'");
  expect((await app.query("SELECT title, author FROM posts")).rows).toEqual([
    { title: "hello", author: "me" },
  ]);
  expect((await app.query("SELECT name FROM migrations ORDER BY id")).rows).toHaveLength(2);
  // Once more, now that tables and record exist: it must not hand the record to the application.
  expect((await migrator(["bootstrap"], { env })).code).toBe(0);
  for (const denied of [
    "CREATE TABLE mine (id int)",
    "ALTER TABLE posts ADD COLUMN mine text",
    "DROP TABLE posts",
    "CREATE INDEX ON posts (title)",
    "TRUNCATE posts",
    "CREATE SCHEMA mine",
    "INSERT INTO migrations (\"timestamp\", name) VALUES (1, 'forged')",
    "UPDATE migrations_detail SET checksum = ''",
    "DELETE FROM migrations_floor",
    "INSERT INTO migrations_backfill (name, state) VALUES ('x', 'done')",
    "SELECT nextval('migrations_id_seq')",
  ]) {
    await expect(app.query(denied), denied).rejects.toMatchObject({ code: "42501" });
  }
  await app.end();
});

test("two at once both succeed", async () => {
  const { env } = freshEnvironment();
  const runs = await Promise.all([migrator(["bootstrap"], { env }), migrator(["bootstrap"], { env })]);
  expect(runs.map(({ code }) => code)).toEqual([0, 0]);
});

test("a second one waits until the first has given its grants, too", async () => {
  const { name, env } = freshEnvironment();
  const watcher = await connect(env.DATABASE_URL);
  // An administrator of their own: other files' bootstraps wait for the same lock.
  const admin = `${name}_admin`;
  await watcher.query(`CREATE ROLE ${admin} LOGIN SUPERUSER PASSWORD '${secret}'`);
  env.DATABASE_URL = urlOf("postgres", admin, secret);
  await migrator(["bootstrap"], { env });
  const holder = await connect(urlOf(name, admin, secret));
  // The first waits for this at its grants.
  await holder.query(`BEGIN; GRANT USAGE ON SCHEMA public TO ${name}_app`);
  const there = async (state: string) => {
    const { rows } = await watcher.query(
      `SELECT FROM pg_stat_activity WHERE application_name = 'migrator bootstrap' AND usename = $1 AND ${state}`,
      [admin],
    );
    return rows.length === 1;
  };
  const first = migrator(["bootstrap"], { env });
  await until("the first at its grants", () => there("wait_event = 'transactionid'"));
  const second = migrator(["bootstrap"], { env });
  await until("the second behind the first", () => there("query LIKE '%pg_locks%'"));
  await holder.query("ROLLBACK");
  expect((await Promise.all([first, second])).map(({ code }) => code)).toEqual([0, 0]);
  await Promise.all([holder.end(), watcher.end()]);
});

test("sets a new password on roles that exist", async () => {
  const { name, env } = freshEnvironment();
  await migrator(["bootstrap"], { env });
  const changed = { ...env, APP_DATABASE_URL: urlOf(name, `${name}_app`, `${secret}-new`) };
  expect((await migrator(["bootstrap"], { env: changed })).code).toBe(0);
  await expect(connect(env.APP_DATABASE_URL)).rejects.toMatchObject({ code: "28P01" });
  await (await connect(changed.APP_DATABASE_URL)).end();
});

test("an administrator without superuser rights (CREATEROLE, CREATEDB) can do it too", async () => {
  const { name, env } = freshEnvironment();
  const root = await connect(inject("adminUrl"));
  await root.query(`CREATE ROLE ${name}_boss LOGIN CREATEDB CREATEROLE PASSWORD '${secret}'`);
  await root.query(`GRANT pg_read_all_stats TO ${name}_boss WITH ADMIN OPTION`);
  await root.end();
  const boss = { ...env, DATABASE_URL: urlOf("postgres", `${name}_boss`, secret) };
  const run = await migrator(["bootstrap"], { env: boss });
  expect(run.summary.message).toBe(`database ${name} is ready`);
  const dir = await migrationsFolder(createPosts);
  expect((await migrator(["up"], { url: env.MIGRATOR_DATABASE_URL, dir })).code).toBe(0);
  expect((await migrator(["bootstrap"], { env: boss })).code).toBe(0);
  const app = await connect(env.APP_DATABASE_URL);
  await app.query("INSERT INTO posts (title) VALUES ('hello')");
  await app.end();
});

test("says what is missing or contradicts itself: 2", async () => {
  const { name, env } = freshEnvironment();
  const wrong = [
    { ...env, DATABASE_URL: undefined },
    { ...env, APP_DATABASE_URL: undefined },
    { ...env, APP_DATABASE_URL: urlOf("another", `${name}_app`, secret) },
    { ...env, APP_DATABASE_URL: env.MIGRATOR_DATABASE_URL },
    { ...env, MIGRATOR_DATABASE_URL: urlOf(name, "postgres", secret) },
    { ...env, MIGRATOR_DATABASE_URL: `postgres://${name}@127.0.0.1/${name}` },
  ];
  for (const environment of wrong) {
    const run = await migrator(["bootstrap"], { env: environment });
    expect(run.code).toBe(2);
    expect(run.summary.next).toBeTruthy();
    expect(run.stderr).not.toContain(secret);
  }
});

test("another bootstrap that outlasts --wait: 10, naming who holds the lock", async () => {
  const { env } = freshEnvironment();
  const admin = await connect(env.DATABASE_URL, "the-other-bootstrap");
  await admin.query("SELECT pg_advisory_lock(hashtext('schema-rollout/bootstrap'))");
  const run = await migrator(["bootstrap", "--json", "--wait", "600ms"], { env });
  expect(run.code).toBe(10);
  expect(run.summary.message).toContain("(the-other-bootstrap, user postgres, from 127.0.0.1)");
  await admin.end();
  expect((await migrator(["bootstrap", "--wait", "5s"], { env })).code).toBe(0);
});
