import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sql } from "../src/database/session.ts";
import { readMigrations } from "../src/migrations/read.ts";
import { assess } from "../src/record/assess.ts";
import { mentioned } from "../src/record/mentioned.ts";
import { readRecord } from "../src/record/read.ts";
import { recordTables } from "../src/record/tables.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase, type TestDatabase } from "./support/database.ts";
import { createPosts, migrationsFolder, type Source } from "./support/folder.ts";
import { withShadow } from "./support/shadow.ts";

const init: Source = {
  name: "Init1700000000001",
  up: ["DROP TABLE IF EXISTS account CASCADE", "CREATE TABLE account (id serial PRIMARY KEY, name text)"],
};
const seed: Source = { name: "Seed1700000000002", up: "INSERT INTO account (name) VALUES ('admin')" };
const double: Source = { name: "Double1700000000003", up: "UPDATE account SET id = id * 2" };

/** As TypeORM makes it. */
const typeormRecord = (table: string) =>
  `CREATE TABLE ${table} (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)`;

const rowsOf = (sources: Source[]) => sources.map(({ name }) => `(${name.slice(-13)}, '${name}')`).join(", ");

/** Everything that is there, and how many sessions' locks: what a command that touches nothing leaves the same. */
const everything = (database: TestDatabase) =>
  database.query(
    `SELECT c.oid, c.relname, c.relacl, c.relfilenode FROM pg_class c WHERE c.oid >= 16384 ORDER BY 1`,
  );

test("a record of another name: 21 by every command, nothing touched, the same words; with its name all goes on", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(init, seed, double);
  await database.query(`CREATE TABLE account (id serial PRIMARY KEY, name text);
    INSERT INTO account (name) SELECT 'a' || n FROM generate_series(1, 1001) n;
    ${typeormRecord("typeorm_migrations")};
    INSERT INTO typeorm_migrations ("timestamp", name) VALUES ${rowsOf([init, seed, double])}`);
  const run = (...args: string[]) =>
    migrator(args, { url: database.url, dir, env: withShadow() as Record<string, string> });
  const before = await everything(database);
  const [up, plan, status, rollback, baseline, none] = await Promise.all([
    run("up"),
    run("plan"),
    run("status", "--json"),
    run("rollback"),
    run("baseline"),
    run("baseline", "--none"),
  ]);
  const [problem] = JSON.parse(status.stdout).problems;
  expect([up, plan, status, rollback, baseline, none].map(({ code }) => code)).toEqual(Array(6).fill(21));
  expect(
    new Set([up.summary.message, plan.summary.message, rollback.summary.message, problem.message]).size,
  ).toBe(1);
  expect(up.summary.message).toContain(
    "There is no record of migrations at public.migrations, but the database is not empty: the schema public has 2 tables (account, typeorm_migrations). Nothing was touched. Tables that look like a record: public.typeorm_migrations (TypeORM, 3 rows, 3 of these migrations).",
  );
  expect([up.summary.next, problem.next]).toEqual(
    Array(2).fill(expect.stringContaining("--record-table typeorm_migrations")),
  );
  expect(await everything(database)).toEqual(before);

  // Somebody's tool connected with the wrong name, too: an empty table says nothing. Nor does a record of something else.
  await database.query(typeormRecord("migrations"));
  const empty = await run("up");
  expect([empty.code, empty.summary.message]).toEqual([
    21,
    expect.stringContaining("public.migrations is there and records no migration"),
  ]);
  await database.query(`INSERT INTO migrations ("timestamp", name) VALUES (1, 'Other1600000000000')`);
  const other = await run("up");
  expect([other.code, other.summary.message]).toEqual([
    21,
    expect.stringMatching(/^Of the 1 migrations that public.migrations records none is among these/),
  ]);
  expect(other.summary.next).toContain("--record-table typeorm_migrations");

  const named = await migrator(["up"], {
    url: database.url,
    dir,
    env: { RECORD_TABLE: "typeorm_migrations", RECORD_SCHEMA: "public" },
  });
  expect([named.code, named.summary.message]).toEqual([0, "nothing to do; took over 3 from TypeORM's CLI"]);
  expect(await database.query("SELECT count(*)::int AS n, max(id) FROM account")).toEqual([
    { n: 1001, max: 1001 },
  ]);
});

/** What `up` would refuse with, and how what it finds is called; without a process for each. */
async function looker(database: TestDatabase, dir: string, schema = "public") {
  const sql: Sql = (text, values) => database.query(text, [...(values ?? [])]);
  const local = await readMigrations(dir);
  const tables = recordTables(schema);
  return async (searchPath = ["public"]) => {
    const record = await readRecord({ sql, searchPath }, tables, local);
    const [problem] = assess(local, record, tables).problems;
    return { fresh: record.fresh, message: problem?.message, next: problem?.next, code: problem?.exitCode };
  };
}

test("whatever is there counts, in every schema that the record, search_path or the migrations name; nothing else does", async () => {
  const database = await createDatabase();
  const admin = await database.admin();
  const dir = await migrationsFolder(createPosts, {
    name: "Bill1700000000004",
    up: ["CREATE TABLE billing.bills (id int)", 'CREATE TABLE "Odd ""One"""."t" (id int)'],
  });
  await mkdir(join(dir, "sql"));
  await writeFile(join(dir, "sql", "a.sql"), "SET search_path TO aside, public;");
  const look = await looker(database, dir);
  await admin.query(`CREATE SCHEMA billing; CREATE SCHEMA "Odd ""One"""; CREATE SCHEMA aside; CREATE SCHEMA theirs; CREATE SCHEMA bill;
    GRANT ALL ON SCHEMA billing, "Odd ""One""", aside, theirs, bill TO ${database.name};
    CREATE EXTENSION hstore; CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw`);
  // Extensions, TypeORM's own table and other services' schemas.
  await database.query(`CREATE TABLE theirs.orders (id int); CREATE TABLE bill.t (id int);
    CREATE TABLE typeorm_metadata (type varchar, database varchar, schema varchar, "table" varchar, name varchar, value text)`);
  expect(await look()).toMatchObject({ fresh: true, message: undefined });
  for (const [type, create, drop, path] of [
    ["table", "CREATE TABLE billing.x (id serial)", "DROP TABLE billing.x"],
    ["table", 'CREATE TABLE "Odd ""One""".x (id int)', 'DROP TABLE "Odd ""One""".x'],
    ["table", "CREATE TABLE aside.x (id int)", "DROP TABLE aside.x"],
    ["table", "SELECT", "SELECT", ["theirs", "public"]],
    ["table", "CREATE TABLE x (id int) PARTITION BY LIST (id)", "DROP TABLE x"],
    ["view", "CREATE VIEW x AS SELECT 1", "DROP VIEW x"],
    ["materialized view", "CREATE MATERIALIZED VIEW x AS SELECT 1", "DROP MATERIALIZED VIEW x"],
    ["sequence", "CREATE SEQUENCE x", "DROP SEQUENCE x"],
    ["foreign table", "CREATE FOREIGN TABLE x (id int) SERVER s", "DROP FOREIGN TABLE x"],
    ["type", "CREATE TYPE x AS ENUM ('a')", "DROP TYPE x"],
    ["type", "CREATE DOMAIN x AS int", "DROP DOMAIN x"],
    ["type", "CREATE TYPE x AS (a int)", "DROP TYPE x"],
    ["function", "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION x"],
    ["procedure", "CREATE PROCEDURE x() LANGUAGE sql AS 'SELECT 1'", "DROP PROCEDURE x"],
  ] as const) {
    await admin.query(create);
    const seen = await look(path ? [...path] : undefined);
    expect([create, seen.code, seen.fresh]).toEqual([create, 21, false]);
    expect(seen.message).toContain(`has 1 ${type} (`);
    await admin.query(drop);
  }
  // What our own record leaves, and a first migration outside a transaction that was interrupted, is no reason.
  expect((await migrator(["up", "--to", createPosts.name], { url: database.url, dir })).code).toBe(0);
  await database.query(`DELETE FROM migrations; DELETE FROM migrations_detail`);
  expect((await look()).code).toBe(21);
  await database.query(
    `INSERT INTO migrations_unfinished (name, "timestamp", direction) VALUES ('${createPosts.name}', 1700000000000, 'up')`,
  );
  expect(await look()).toMatchObject({ fresh: false, message: undefined });
});

test("a schema counts as named in the ways of SQL and of code, and not by being a word", async () => {
  const dir = await migrationsFolder(createPosts);
  const [path = ""] = (await readMigrations(dir)).map((migration) => migration.path);
  const names = async (text: string) => {
    await writeFile(path, text);
    return mentioned(["billing", 'o"dd'], [{ path }]);
  };
  for (const text of [
    "q.query('CREATE TABLE billing.x ()')",
    'q.query(`CREATE TABLE "billing" . "x" ()`)',
    'q.query("UPDATE \\"billing\\".x SET a = 1")',
    'table: "billing.x"',
    'new Table({ schema: "billing", name: "x" })',
    "await queryRunner.createSchema('billing', true)",
    "const schema = process.env.SCHEMA ?? 'billing';",
    "CREATE SCHEMA IF NOT EXISTS Billing",
    "SET search_path = aside, billing",
  ])
    expect([text, await names(text)]).toEqual([text, ["billing"]]);
  expect(await names(`DROP TABLE "o""dd".x`)).toEqual(['o"dd']);
  for (const text of [
    "CREATE TABLE billing ()",
    "the billing service",
    "my_billing.x",
    "a.billing.x",
    'CREATE TABLE "billing" ()',
  ])
    expect([text, await names(text)]).toEqual([text, []]);
});

test("records of other tools are named; a table of the record's name that is none is refused with a sentence", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  const look = await looker(database, dir);
  await database.query(`CREATE TABLE posts (id int); CREATE SCHEMA drizzle; CREATE SCHEMA "Re cord"; CREATE SCHEMA graphile_migrate;
    CREATE TABLE flyway_schema_history (installed_rank int, version text); INSERT INTO flyway_schema_history VALUES (1, '1'), (2, '2');
    CREATE TABLE "SequelizeMeta" (name varchar); CREATE TABLE _prisma_migrations (id text); CREATE TABLE schema_migrations (version text);
    CREATE TABLE drizzle.__drizzle_migrations (id int); CREATE TABLE graphile_migrate.migrations (hash text);
    CREATE TABLE changes (id int);
    CREATE TABLE events (id int, "timestamp" timestamptz, name text);
    ${typeormRecord('"Re cord"."My ""Record"""')}; INSERT INTO "Re cord"."My ""Record""" ("timestamp", name) VALUES (1, 'Other1600000000000')`);
  const { message, next } = await look();
  for (const named of [
    "public.flyway_schema_history (Flyway, 2 rows)",
    "public.SequelizeMeta (Sequelize, 0 rows)",
    "public._prisma_migrations (Prisma, 0 rows)",
    "public.schema_migrations (Rails, golang-migrate, dbmate or Ecto, 0 rows)",
    "drizzle.__drizzle_migrations (Drizzle, 0 rows)",
    "graphile_migrate.migrations (graphile-migrate, 0 rows)",
    'Re cord.My "Record" (TypeORM, 1 row, 0 of these migrations)',
  ])
    expect(message).toContain(named);
  expect(message).not.toMatch(/changes \(|events \(/);
  expect(next).toContain(`--record-schema 'Re cord' --record-table 'My "Record"'`);
  expect(next).toContain("migrator baseline --none");

  await database.query(`CREATE TABLE migrations (id serial, migration varchar, batch int)`);
  const strange = await look();
  expect(strange).toMatchObject({
    code: 21,
    message: expect.stringContaining(
      "public.migrations is not TypeORM's record of migrations: its columns are id, migration, batch.",
    ),
  });
  await database.query(
    `DROP TABLE migrations; CREATE VIEW migrations AS SELECT 1 AS id, 1::bigint AS "timestamp", 'a' AS name`,
  );
  expect((await look()).message).toContain("it is no table");
  await database.query(
    `DROP VIEW migrations; CREATE TABLE migrations (id serial, "timestamp" timestamptz, name text)`,
  );
  expect((await look()).message).toContain("its columns are id, timestamp, name");
  const run = await migrator(["up"], { url: database.url, dir });
  expect([run.code, run.stderr]).toEqual([21, expect.not.stringContaining("    at ")]);
});
