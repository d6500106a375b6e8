import { describe, expect, test } from "vitest";
import { kindOf } from "../src/execute/statement.ts";

describe("statements that may wait", () => {
  test.each([
    ["CREATE INDEX CONCURRENTLY a ON posts (title)", "a", "posts"],
    [
      "create unique index concurrently if not exists a on only public.posts using btree (title)",
      "a",
      "public.posts",
    ],
    ['CREATE INDEX CONCURRENTLY "IDX_1" ON "my app"."Posts" ("title")', '"IDX_1"', '"my app"."Posts"'],
    ["-- why\n/* and\nhow */ CREATE INDEX CONCURRENTLY a ON posts (title)", "a", "posts"],
    ["CREATE INDEX CONCURRENTLY only_new ON posts (title)", "only_new", "posts"],
    ["CREATE INDEX CONCURRENTLY ON posts (title)", undefined, "posts"],
  ])("%s", (sql, name, table) => {
    expect(kindOf(sql)).toEqual({ patient: true, index: { name, table } });
  });

  test.each([
    "DROP INDEX CONCURRENTLY IF EXISTS a",
    "REINDEX SCHEMA CONCURRENTLY blog",
    "ALTER TABLE posts VALIDATE CONSTRAINT posts_category_fk",
    'ALTER TABLE IF EXISTS ONLY "public"."posts" VALIDATE CONSTRAINT "FK";',
  ])("%s", (sql) => {
    expect(kindOf(sql)).toEqual({ patient: true });
  });
});

test.each([
  ["REINDEX INDEX CONCURRENTLY blog.a", { kind: "index", name: "blog.a" }],
  ['REINDEX (VERBOSE) TABLE CONCURRENTLY "Posts";', { kind: "table", name: '"Posts"' }],
])("%s", (sql, rebuilt) => {
  expect(kindOf(sql)).toEqual({ patient: true, rebuilt });
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
  ])("%s", (sql) => {
    expect(kindOf(sql)).toEqual({ patient: false });
  });
});
