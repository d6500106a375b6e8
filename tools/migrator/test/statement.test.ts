import { beforeAll, describe, expect, test } from "vitest";
import type { Effect } from "../src/execute/effect.ts";
import { kindOf } from "../src/execute/statement.ts";
import { loadParser } from "../src/sql/parser.ts";

beforeAll(loadParser);

const builds = (name: string | undefined, table: string) =>
  expect.objectContaining({ does: "create index", concurrently: true, name, table });

describe("statements that may wait", () => {
  test.each<[string, Effect]>([
    ["CREATE INDEX CONCURRENTLY a ON posts (title)", builds("a", '"posts"')],
    [
      "create unique index concurrently if not exists A on only public.posts using btree (title)",
      builds("a", '"public"."posts"'),
    ],
    ['CREATE INDEX CONCURRENTLY "IDX_1" ON "my app"."Posts" ("title")', builds("IDX_1", '"my app"."Posts"')],
    ["-- why\n/* and\nhow */ CREATE INDEX CONCURRENTLY a ON posts (title)", builds("a", '"posts"')],
    ["CREATE INDEX CONCURRENTLY only_new ON posts (title)", builds("only_new", '"posts"')],
    ["CREATE INDEX CONCURRENTLY ON posts (title)", builds(undefined, '"posts"')],
    ["CREATE INDEX/**/CONCURRENTLY a--b\nON posts (title);", builds("a", '"posts"')],
    ["CREATE /* a /* nested */ c */ INDEX CONCURRENTLY a ON posts (title)", builds("a", '"posts"')],
    ["CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a\n-- newest first\nON t (a DESC)", builds("t_a", '"t"')],
    ['CREATE INDEX CONCURRENTLY U&"d\\0061t" ON posts (title)', builds("dat", '"posts"')],
    ['CREATE INDEX CONCURRENTLY "a""b" ON "p""q" (title)', builds('a"b', '"p""q"')],
    ["CREATE INDEX CONCURRENTLY a ON posts (title) WHERE title <> 'x;'", builds("a", '"posts"')],
  ])("%s", (sql, effect) => {
    expect(kindOf(sql)).toMatchObject({ patient: true, effect, opaque: false });
  });

  test.each([
    "DROP INDEX CONCURRENTLY IF EXISTS a",
    "DROP /* */ INDEX CONCURRENTLY a",
    "REINDEX SCHEMA CONCURRENTLY blog",
    "ALTER TABLE posts VALIDATE CONSTRAINT posts_category_fk",
    "ALTER TABLE posts -- now\n VALIDATE CONSTRAINT a",
    'ALTER TABLE IF EXISTS ONLY "public"."posts" VALIDATE CONSTRAINT "FK";',
  ])("%s", (sql) => {
    expect(kindOf(sql)).toMatchObject({ patient: true });
  });
});

test.each([
  ["REINDEX INDEX CONCURRENTLY blog.a", { what: "index", name: '"blog"."a"' }],
  ['REINDEX (VERBOSE) TABLE CONCURRENTLY "Posts";', { what: "table", name: '"Posts"' }],
  ["REINDEX (CONCURRENTLY) TABLE posts", { what: "table", name: '"posts"' }],
  ["REINDEX (CONCURRENTLY on, VERBOSE) DATABASE blog", { what: "more" }],
])("%s", (sql, effect) => {
  expect(kindOf(sql)).toMatchObject({ patient: true, effect: { does: "rebuild", ...effect } });
});

describe("statements that keep their lock_timeout", () => {
  test.each([
    "CREATE INDEX a ON posts (title)",
    "DROP INDEX a",
    "ALTER TABLE posts ADD COLUMN a text",
    "ALTER TABLE posts VALIDATE CONSTRAINT a, ADD COLUMN b text",
    "ALTER TABLE posts ADD COLUMN b text, VALIDATE CONSTRAINT a",
    "ALTER TABLE posts VALIDATE CONSTRAINT a; ALTER TABLE posts ADD COLUMN b text",
    "SELECT 'CREATE INDEX CONCURRENTLY a ON posts (title)'",
    "/* CREATE INDEX CONCURRENTLY a ON posts (title) */ DROP TABLE posts",
    "REINDEX (CONCURRENTLY false) TABLE posts",
    // Its last step locks readers of the partition out.
    "ALTER TABLE posts DETACH PARTITION old CONCURRENTLY",
    "CREATE INDEX CONCURRENTLY a ON posts (title) SOMETHING NEW",
    "",
  ])("%s", (sql) => {
    expect(kindOf(sql)).toMatchObject({ patient: false });
  });
});

test.each<[string, Effect | undefined]>([
  ['DROP TABLE a, "B".c', { does: "drop", relations: ['"a"', '"B"."c"'] }],
  ["DROP FUNCTION f()", undefined],
  [
    "ALTER TABLE a.p DETACH PARTITION q CONCURRENTLY",
    { does: "detach", parent: '"a"."p"', partition: '"q"', concurrently: true },
  ],
  [
    "ALTER TYPE s.mood ADD VALUE 'it''s' BEFORE 'x'",
    { does: "add label", type: '"s"."mood"', label: "it's" },
  ],
  ["ALTER TYPE mood RENAME VALUE 'a' TO 'b'", undefined],
  ["ALTER TABLE p DETACH PARTITION q FINALIZE", undefined],
  ["ALTER INDEX s.a RENAME TO b", { does: "rename", relation: '"s"."a"', to: "b" }],
  ["ALTER TABLE a RENAME COLUMN b TO c", undefined],
  [
    "ALTER TABLE a ADD CONSTRAINT c UNIQUE USING INDEX i",
    { does: "make constraint", table: '"a"', name: "c" },
  ],
  ["ALTER TABLE a ADD CONSTRAINT c UNIQUE (b)", undefined],
])("what %s leaves in the catalog", (sql, effect) => {
  expect(kindOf(sql).effect).toEqual(effect);
});

test.each([
  ["CREATE TABLE a (b int)", "there"],
  ["CREATE SCHEMA a CREATE TABLE b (c int)", undefined],
  ["ALTER TABLE a ADD COLUMN b int", "there"],
  ["ALTER TABLE a ADD COLUMN b int, ADD COLUMN c int", undefined],
  ["ALTER TABLE a DROP COLUMN b", "gone"],
  ["DROP TABLE a", "gone"],
  ["DROP TABLE a, b", undefined],
  ["CREATE TABLE a (b int); CREATE TABLE c (b int)", undefined],
  ["INSERT INTO a VALUES (1)", undefined],
  ["ALTER TABLE a RENAME TO b", "gone"],
  ["ALTER TABLE a ALTER COLUMN b SET NOT NULL", undefined],
])("what the server may say of a repeated %s", (sql, leaves) => {
  expect(kindOf(sql).leaves).toBe(leaves);
});

test.each([
  ["DO $$ BEGIN END $$", true],
  ["CALL p()", true],
  ["EXECUTE s", true],
  ["SOMETHING NEW", true],
  ["SELECT 'a\0'", true],
  ["SELECT f(1)", false],
])("code that cannot be read: %s", (sql, opaque) => {
  expect(kindOf(sql).opaque).toBe(opaque);
});

test("a text as deep as they come does not end the process", () => {
  const deep = `SELECT ${"1 + ".repeat(5_000)}f(1)`;
  const { opaque, functions } = kindOf(deep);
  expect(opaque || functions.includes("f")).toBe(true);
  expect(kindOf(`SELECT ${"(".repeat(100_000)}1${")".repeat(100_000)}`).opaque).toBe(true);
});

test.each([
  ["CREATE TABLE users (password text)", true],
  ["CREATE INDEX CONCURRENTLY a ON users (password)", true],
  ["DO $$ BEGIN END $$", true],
  ["CREATE ROLE r PASSWORD 'weak'", false],
  ["ALTER USER r WITH PASSWORD 'weak'", false],
  ["DO $$ BEGIN CREATE ROLE r PASSWORD 'weak'; END $$", false],
  ["SELECT 1; CREATE ROLE r ENCRYPTED PASSWORD 'weak'", false],
  ["CREATE SUBSCRIPTION s CONNECTION 'password=weak' PUBLICATION p", false],
  ["CREATE SOMETHING NEW PASSWORD 'weak'", false],
  ["SET search_path = a", false],
  ["SELECT 1", false],
])("what is noted of %s", (sql, noted) => {
  expect(kindOf(sql).noted).toBe(noted);
});
