import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { addColumnCopy, dropOldColumn } from "../src/online/index.ts";
import { type Finished, migrator } from "./support/cli.ts";
import { createDatabase, type TestDatabase } from "./support/database.ts";
import { catalog, openRunner } from "./support/online.ts";
import { onlineFolder } from "./support/online-folder.ts";
import { createShop, createShopDatabase } from "./support/shop.ts";
import { writing } from "./support/writing.ts";

const rename = `{ table: "posts", from: "body", to: "content" }`;
const back = `{ table: "posts", from: "content", to: "body" }`;
const copy = {
  name: "CopyBody1700000001000",
  transaction: true,
  up: `await online.addColumnCopy(runner, ${rename});`,
  down: `await online.dropColumnCopy(runner, ${rename});`,
};
const fill = {
  name: "FillContent1700000002000",
  phase: "backfill",
  up: `await online.batched(runner, { ...online.copyColumnBackfill(${rename}), batch: { initial: 20, max: 50 } });`,
};
const require = {
  name: "RequireContent1700000003000",
  phase: "contract",
  up: `await online.setNotNull(runner, { table: "posts", column: "content" });`,
  down: `await online.dropNotNull(runner, { table: "posts", column: "content" });`,
};
const drop = {
  name: "DropBody1700000004000",
  phase: "contract",
  up: `await online.dropOldColumn(runner, ${rename});`,
  down: `await online.restoreOldColumn(runner, ${rename}); await online.batched(runner, online.copyColumnBackfill(${back}));`,
};

const outOfStep = (database: TestDatabase) =>
  database.query("SELECT id, body, content FROM posts WHERE body IS DISTINCT FROM content");

test("a rename in phases: both releases write all the time, nothing is lost, nobody fails; and back again", async () => {
  const database = await createShopDatabase();
  const before = await catalog(database, "public");
  await database.query(
    "CREATE INDEX by_body ON posts (md5(body)); ALTER TABLE posts ADD CHECK (length(body) < 999)",
  );
  const dir = await onlineFolder([createShop], copy, fill, require, drop);
  const run = async (...args: string[]): Promise<Finished> => {
    const finished = await migrator(args, { url: database.url, dir });
    expect(finished.summary, finished.stderr).toMatchObject({ exitCode: 0 });
    return finished;
  };

  const old = await writing(database, "body");
  expect((await run("up")).summary.message).toContain("applied CopyBody");
  const fresh = await writing(database, "content");
  await run("up", "--phase", "contract", "--wait", "20s", "--to", fill.name);
  expect(await outOfStep(database)).toEqual([]);
  expect(await old.stop()).toBeGreaterThan(10);
  const contract = await run("up", "--phase", "contract", "--wait", "20s");
  expect(contract.stderr).toContain(
    "with body goes what rests on it: constraint posts_body_check on table public.posts, index public.by_body",
  );
  expect(await database.query("SELECT count(*)::int AS n FROM posts WHERE content IS NULL")).toEqual([
    { n: 0 },
  ]);
  const after = await catalog(database, "public");
  expect(after).toContain("posts.content text NOT NULL DEFAULT 'empty'::text");
  expect(after.filter((line) => /body|in_step|not_null_check/.test(line))).toEqual([]);

  await run("rollback", "--to", fill.name);
  expect(await outOfStep(database)).toEqual([]);
  const again = await writing(database, "body");
  await pause(200);
  expect(await outOfStep(database)).toEqual([]);
  expect(await fresh.stop()).toBeGreaterThan(10);
  await run("rollback", "--to", createShop.name);
  expect(await again.stop()).toBeGreaterThan(10);
  const end = await catalog(database, "public");
  expect(end.filter((line) => line.startsWith("posts.")).sort()).toEqual(
    // Where NULL was forbidden before, it is allowed now: an older release that writes the column does not mind.
    before
      .filter((line) => line.startsWith("posts."))
      .map((line) => line.replace("body text NOT NULL", "body text"))
      .sort(),
  );
});

describe("the trigger", () => {
  test.each([
    ["text", "'a'", "'b'", "NOT NULL DEFAULT 'none'"],
    ["json", `'{"a": 1}'`, `'{"b": [2]}'`, ""],
    ["numeric(10, 2)", "1.00", "2.50", "DEFAULT 0"],
    ["numeric", "1.0", "1.00", ""],
    ['text COLLATE "C"', "'a'", "'A'", ""],
    ["point", "'(1,2)'", "'(3,4)'", ""],
    ["int[]", "'{1,NULL}'", "'{1,2}'", ""],
  ])("keeps %s in step from both sides", async (type, one, two, more) => {
    const database = await createDatabase();
    await database.query(`CREATE TABLE t (id int PRIMARY KEY, a ${type} ${more})`);
    await database.query(`INSERT INTO t VALUES (0, ${one})`);
    const runner = await openRunner(database.url);
    await addColumnCopy(runner, { table: "t", from: "a", to: "b" });
    const write = async (sql: string, expected: string) => {
      await database.query(sql);
      const rows = await database.query("SELECT a::text, b::text FROM t WHERE id = 1");
      const [value] = await database.query<{ text: string }>(
        `SELECT (${expected})::${type.replace(/ COLLATE.*/, "")}::text AS text`,
      );
      expect(rows).toEqual([{ a: value?.text, b: value?.text }]);
    };
    await write(`INSERT INTO t (id, a) VALUES (1, ${one})`, one);
    await write(`UPDATE t SET b = ${two} WHERE id = 1`, two);
    await write(`UPDATE t SET a = ${one} WHERE id = 1`, one);
    await write(`UPDATE t SET id = 1 WHERE id = 1`, one);
    await write(`UPDATE t SET a = ${one}, b = ${two} WHERE id = 1`, two);
    await write(
      `INSERT INTO t (id, b) VALUES (1, ${one}) ON CONFLICT (id) DO UPDATE SET b = EXCLUDED.b`,
      one,
    );
    await write(
      `INSERT INTO t (id, a) VALUES (1, ${two}) ON CONFLICT (id) DO UPDATE SET a = EXCLUDED.a`,
      two,
    );
    await database.query("DELETE FROM t WHERE id = 1");
    await write(`INSERT INTO t (id, b) VALUES (1, ${two})`, two);
    // The row that was there before waits for the backfill.
    expect(await database.query("SELECT b FROM t WHERE id = 0")).toEqual([{ b: null }]);
  });

  test("sees what the author's own triggers make of the row", async () => {
    const database = await createDatabase();
    await database.query(`CREATE TABLE t (id int PRIMARY KEY, a text);
      CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a := upper(NEW.a); RETURN NEW; END';
      CREATE TRIGGER trim_it BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shout()`);
    await addColumnCopy(await openRunner(database.url), { table: "t", from: "a", to: "b" });
    await database.query("INSERT INTO t VALUES (1, 'quiet')");
    expect(await database.query("SELECT a, b FROM t")).toEqual([{ a: "QUIET", b: "QUIET" }]);
  });
});

describe("refused", () => {
  const cases: Array<[string, string, RegExp]> = [
    [
      "rows that were never copied",
      "ALTER TABLE posts ALTER COLUMN body DROP NOT NULL",
      /content of public.posts is not filled yet: 500 rows \(id 1, .*\) with body alone/,
    ],
    [
      "NOT NULL is missing on the new column",
      "SELECT 1",
      /public.posts.body is NOT NULL and content is not yet: call setNotNull/,
    ],
    [
      "columns that are not kept in step",
      "DROP TRIGGER zz_posts_body_content_in_step ON posts",
      /are not kept in step: addColumnCopy and its backfill come first/,
    ],
  ];
  test.each(cases)("dropOldColumn: %s", async (_, sql, message) => {
    const database = await createShopDatabase();
    const runner = await openRunner(database.url);
    await addColumnCopy(runner, { table: "posts", from: "body", to: "content" });
    await database.query(sql);
    const before = await catalog(database, "public");
    await expect(dropOldColumn(runner, { table: "posts", from: "body", to: "content" })).rejects.toThrow(
      message,
    );
    expect(await catalog(database, "public")).toEqual(before);
  });

  test.each([
    ["id", /public.posts.id is an identity column, whose values PostgreSQL makes/],
    ["nothing", /public.posts has no column nothing/],
  ])("addColumnCopy of %s", async (from, message) => {
    const database = await createShopDatabase();
    const runner = await openRunner(database.url);
    await expect(addColumnCopy(runner, { table: "posts", from, to: "x" })).rejects.toThrow(message);
  });
});
