import { beforeAll, describe, expect, test } from "vitest";
import { isCatalogLookup, isExplain, isTransactionControl, pieces } from "../src/shadow/sql.ts";
import { loadParser } from "../src/sql/parser.ts";

beforeAll(loadParser);

describe("the statements of one text", () => {
  test.each([
    ["SELECT 1", ["SELECT 1"]],
    ["SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]],
    ["SELECT ';' ; SELECT E'\\';' ; SELECT \"a;b\"", ["SELECT ';'", "SELECT E'\\';'", 'SELECT "a;b"']],
    ["DO $$ BEGIN; END $$; SELECT $a$ ; $$ ; $a$", ["DO $$ BEGIN; END $$", "SELECT $a$ ; $$ ; $a$"]],
    ["SELECT $1; SELECT 2 -- ; no\n+ 3", ["SELECT $1", "SELECT 2 -- ; no\n+ 3"]],
    ["-- nothing\n;", []],
    ["", []],
    ["SELECT /* a /* b; */ c; */ 1; SELECT 2", ["SELECT /* a /* b; */ c; */ 1", "SELECT 2"]],
    ["SELECT E'\\'' , ';'; SELECT 2", ["SELECT E'\\'' , ';'", "SELECT 2"]],
    // Not an E'…', though an e stands before the quote.
    ["SELECT name'\\'; SELECT 2; --'", ["SELECT name'\\'", "SELECT 2"]],
    ["SELECT 'a\\'; SELECT 'b'", ["SELECT 'a\\'", "SELECT 'b'"]],
    ['SELECT U&"d\\0061;t"; SELECT $é$;$é$', ['SELECT U&"d\\0061;t"', "SELECT $é$;$é$"]],
    ["SELECT 'a'\n';b'; SELECT 2", ["SELECT 'a'\n';b'", "SELECT 2"]],
    [
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3",
      ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"],
    ],
    [
      "CREATE RULE r AS ON INSERT TO a DO (DELETE FROM b; DELETE FROM c); SELECT 1",
      ["CREATE RULE r AS ON INSERT TO a DO (DELETE FROM b; DELETE FROM c)", "SELECT 1"],
    ],
    // Not for this parser: split where a semicolon stands, not inside quotes.
    ["SOMETHING NEW ';' ; SELECT 1", ["SOMETHING NEW ';'", "SELECT 1"]],
    ["SELECT 'never ends ; SELECT 1", ["SELECT 'never ends ; SELECT 1"]],
  ])("%s", (sql, texts) => {
    expect(pieces(sql).map(({ text }) => text)).toEqual(texts);
  });

  test.each([
    [
      "UPDATE a /* DELETE */ SET b = 'DROP' -- TRUNCATE\n, c = 1",
      "UPDATE a              SET b = 'DROP'            \n, c = 1",
    ],
    ["/* é /* ; */\n*/ SELECT '-- no', $$/* no */$$", "SELECT '-- no', $$/* no */$$"],
  ])("the code of %j, without its comments, line by line", (sql, code) => {
    expect(pieces(sql).map((piece) => piece.code)).toEqual([code]);
  });

  test("each comes with its node and comments, where it can be read", () => {
    const [update, unknown] = [
      pieces("UPDATE a /* DELETE */ SET b = 1; -- then\nTRUNCATE a"),
      pieces("NEW SYNTAX -- why\n; SELECT 1"),
    ];
    expect(update.map(({ node = {}, comments }) => [Object.keys(node)[0], comments])).toEqual([
      ["UpdateStmt", ["/* DELETE */"]],
      ["TruncateStmt", ["-- then"]],
    ]);
    expect(unknown.map(({ node, comments }) => [node, comments])).toEqual([
      [undefined, ["-- why"]],
      [undefined, []],
    ]);
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
  ["SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", true],
  ["BEGIN; COMMIT", true],
  ["SELECT 'BEGIN", false],
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

test.each([
  ["EXPLAIN SELECT 1", true],
  ["EXPLAIN (COSTS off) SELECT 1", true],
  ["EXPLAIN /* ANALYZE */ SELECT 1", true],
  ["EXPLAIN ANALYZE DELETE FROM a", false],
  ["EXPLAIN (VERBOSE, ANALYZE) DELETE FROM a", false],
  ["SELECT 1", false],
])("asks the planner alone: %s", (sql, expected) => {
  expect(isExplain(sql)).toBe(expected);
});
