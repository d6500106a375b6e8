import { describe, expect, test } from "vitest";
import { isCatalogLookup, isTransactionControl, pieces } from "../src/shadow/sql.ts";

describe("the statements of one text", () => {
  test.each([
    ["SELECT 1", ["SELECT 1"]],
    ["SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]],
    ["SELECT ';' ; SELECT E'\\';' ; SELECT \"a;b\"", ["SELECT ';'", "SELECT E'\\';'", 'SELECT "a;b"']],
    ["DO $$ BEGIN; END $$; SELECT $a$ ; $$ ; $a$", ["DO $$ BEGIN; END $$", "SELECT $a$ ; $$ ; $a$"]],
    ["SELECT $1; SELECT 2 -- ; no\n+ 3", ["SELECT $1", "SELECT 2 -- ; no\n+ 3"]],
    ["-- nothing\n;", []],
  ])("%s", (sql, texts) => {
    expect(pieces(sql).map(({ text }) => text)).toEqual(texts);
  });

  test("words leave out what is quoted and what is said in comments", () => {
    const [piece] = pieces("UPDATE a /* DELETE */ SET b = 'DROP' -- TRUNCATE\n, c = $$MERGE$$");
    expect(piece?.words).toMatch(/^UPDATE a\s+SET b =\s+, c =$/);
    expect(piece?.comments).toEqual(["/* DELETE */", "-- TRUNCATE"]);
  });

  test("a comment after the last semicolon belongs to the statement before it", () => {
    expect(pieces("SELECT 1; -- ok: small").map(({ comments }) => comments)).toEqual([["-- ok: small"]]);
  });
});

test.each([
  ["BEGIN", true],
  ["/* x */ start transaction", true],
  ["COMMIT;", true],
  ["BEGIN; DROP TABLE a; COMMIT", false],
  ["ENDLESS", false],
])("border of a transaction: %s", (sql, expected) => {
  expect(isTransactionControl(sql)).toBe(expected);
});

test.each([
  ["SELECT * FROM current_schema()", true],
  ['SELECT "table_name" FROM "information_schema"."tables"', true],
  ["SELECT 1 FROM pg_class", true],
  ["SHOW server_version", true],
  ["SELECT id FROM posts", false],
  ["UPDATE posts SET a = (SELECT max(oid) FROM pg_class)", false],
])("look-up in the catalog: %s", (sql, expected) => {
  expect(isCatalogLookup(sql)).toBe(expected);
});
