import pg from "pg";
import { expect, test } from "vitest";
import { derivedName } from "../src/online/ddl/names.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase, type TestDatabase } from "./support/database.ts";
import { addAuthor, createPosts, migrationsFolder } from "./support/folder.ts";

const quote = pg.escapeIdentifier;

const tablesIn = async (database: TestDatabase, schema: string) =>
  (
    await database.query<{ relname: string }>(
      "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = $1::regnamespace ORDER BY relname",
      [quote(schema)],
    )
  ).map(({ relname }) => relname);

const drop = {
  name: "DropAuthor1700000002000",
  phase: "contract",
  up: "ALTER TABLE posts DROP COLUMN author",
  down: "ALTER TABLE posts ADD COLUMN author text",
};

test("a record of any name in any schema: applied, shown, reverted; two in one schema share nothing", async () => {
  const database = await createDatabase();
  const schema = `The "Re.cord' é`;
  // 63 bytes each, alike up to the last ones: their companions must not become one.
  const long = (end: string) => `Rec "or'd. ${"é".repeat(25)}${end}`;
  const [one, two] = [long("x1"), long("x2")];
  expect([one, two].map((name) => Buffer.byteLength(name))).toEqual([63, 63]);
  await database.query(`CREATE SCHEMA ${quote(schema)}`);
  const dir = await migrationsFolder(createPosts, addAuthor, drop);
  const run = (record: string, ...args: string[]) =>
    migrator([...args, "--record-table", record, "--record-schema", schema], {
      url: database.url,
      dir,
    });
  const up = await run(one, "up");
  expect([up.code, up.summary.message]).toEqual([0, expect.stringContaining(`applied ${createPosts.name}`)]);
  const shown = await migrator(["status", "--json", "--record-table", one, "--schema", schema], {
    url: database.url,
    dir,
  });
  expect([shown.code, JSON.parse(shown.stdout)]).toMatchObject([
    0,
    { schema, recordTable: one, floor: { state: "final" } },
  ]);
  const companions = (record: string) =>
    ["detail", "floor", "backfill", "unfinished"].map((part) => derivedName([record], part));
  expect(await tablesIn(database, schema)).toEqual([one, ...companions(one)].sort());

  // The other one starts in the same schema, beside tables that it has not made.
  expect((await run(two, "up")).code).toBe(21);
  const none = await migrator(["baseline", "--none", "--record-table", two, "--record-schema", schema], {
    url: database.url,
    dir,
  });
  expect(none.code).toBe(21);
  await database.query(`DELETE FROM ${quote(schema)}.${quote(one)}`);
  expect(
    (
      await migrator(["baseline", "--none", "--record-table", two, "--record-schema", schema], {
        url: database.url,
        dir,
      })
    ).code,
  ).toBe(0);
  expect(await tablesIn(database, schema)).toEqual([one, ...companions(one), two, ...companions(two)].sort());
  const floors = await Promise.all(
    [one, two].map((record) =>
      database.query(`SELECT * FROM ${quote(schema)}.${quote(derivedName([record], "floor"))}`),
    ),
  );
  expect(floors.map((rows) => rows.length)).toEqual([1, 0]);
  await database.query("DROP TABLE posts");
  expect((await run(two, "up", "--phase", "all")).code).toBe(0);
  const back = await migrator(
    ["rollback", "--to", createPosts.name, "--record-table", two, "--record-schema", schema],
    { url: database.url, dir },
  );
  expect(back.code).toBe(0);
});

test("a name that PostgreSQL would cut, or none: 2; two schemas: 2", async () => {
  const dir = await migrationsFolder(createPosts);
  const url = "postgres://u:p@127.0.0.1:1/x";
  const [long, empty, both] = await Promise.all([
    migrator(["status", "--record-table", "é".repeat(32)], { url, dir }),
    migrator(["status"], { url, dir, env: { RECORD_SCHEMA: "" } }),
    migrator(["status", "--schema", "a", "--record-schema", "b"], { url, dir }),
  ]);
  expect([long.code, empty.code, both.code]).toEqual([2, 2, 2]);
  expect(long.stderr).toContain("It has 64 bytes, and PostgreSQL cuts names after 63");
  expect(empty.stderr).toContain("RECORD_SCHEMA");
  expect(both.summary.message).toContain("name two schemas");
});
