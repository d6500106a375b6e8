import { describe, expect, test } from "vitest";
import { type Finished, migrator } from "./support/cli.ts";
import type { TestDatabase } from "./support/database.ts";
import { catalog } from "./support/online.ts";
import { onlineFolder } from "./support/online-folder.ts";
import { createShop, createShopDatabase } from "./support/shop.ts";

const name = "Change1700000001000";

async function run(
  database: TestDatabase,
  up: string,
  options: { transaction?: boolean } = {},
): Promise<Finished> {
  const dir = await onlineFolder([createShop], { name, up, ...options });
  return migrator(["up"], { url: database.url, dir });
}

const addForeignKey = `await online.addForeignKey(runner, { table: "posts", columns: ["category_id"], references: { table: "categories", columns: ["id"] } });`;
const setNotNull = `await online.setNotNull(runner, { table: "posts", column: "category_id" });`;
const addCheck = `await online.addCheckConstraint(runner, { table: "posts", name: "posts_short", check: "length(title) < 100" });`;
const addUnique = `await online.addUniqueConstraint(runner, { table: "posts", columns: ["slug"] });`;
const createIndex = `await online.createIndex(runner, { table: "posts", columns: ["slug"], name: "posts_by_slug" });`;

describe("rows in the way are counted, the first are named by their key, and nothing is left", () => {
  test.each([
    [
      "addForeignKey",
      addForeignKey,
      "UPDATE posts SET category_id = 99 WHERE id IN (7, 3)",
      "posts_category_id_fkey cannot be proven on public.posts: 2 rows (id 3, 7) without a match in public.categories. Nothing was changed. Repair the rows",
    ],
    [
      "setNotNull",
      setNotNull,
      "UPDATE posts SET category_id = NULL WHERE id <= 7",
      "7 rows (id 1, 2, 3, 4, 5, …) without category_id",
    ],
    [
      "addCheckConstraint",
      addCheck,
      "UPDATE posts SET title = repeat('secret', 50) WHERE id = 11",
      "1 row (id 11) where length(title) < 100 is false",
    ],
    [
      "addUniqueConstraint",
      addUnique,
      "UPDATE posts SET slug = 'secret' WHERE id IN (2, 4, 6)",
      "3 rows (id 2, 4, 6) with the values of another row. Nothing is left of it",
    ],
  ])("%s", async (_, up, spoil, message) => {
    const database = await createShopDatabase();
    await database.query(spoil);
    const before = await catalog(database, "public");
    const failed = await run(database, up);
    expect(failed.code).toBe(20);
    expect(sorted(failed.summary.message)).toContain(sorted(message));
    expect(failed.stderr).not.toContain("secret");
    expect(await catalog(database, "public")).toEqual(before);
  });

  test("more than a thousand are not counted to the end, a composite key is written as one", async () => {
    const database = await createShopDatabase();
    await database.query("CREATE TABLE lines (a int, b text, c int, PRIMARY KEY (b, a))");
    await database.query("INSERT INTO lines SELECT n, 'x', NULL FROM generate_series(1, 1200) n");
    const failed = await run(database, `await online.setNotNull(runner, { table: "lines", column: "c" });`);
    expect(failed.summary.message).toMatch(/more than 1000 rows \(\(b, a\) \(x, \d+\), .*, …\) without c/);
  });

  test("a row that appears after the look: the key that was added goes again", async () => {
    const database = await createShopDatabase();
    const before = await catalog(database, "public");
    // Between the look and NOT VALID: the same runner writes a row that the look cannot have seen.
    const failed = await run(
      database,
      `const plain = runner.query;
       runner.query = (sql, ...rest) =>
         /^ALTER.*NOT VALID/.test(sql)
           ? plain.call(runner, "INSERT INTO posts (title, category_id) VALUES ('t', 99)").then(() => plain.call(runner, sql, ...rest))
           : plain.call(runner, sql, ...rest);
       ${addForeignKey}`,
    );
    expect(failed.code).toBe(20);
    expect(failed.summary.message).toMatch(/1 row \(id 501\) without a match .* It was taken back/);
    expect(await catalog(database, "public")).toEqual(before);
  });

  test("a key that was there, not valid, stays", async () => {
    const database = await createShopDatabase();
    await database.query("UPDATE posts SET category_id = 99 WHERE id = 5");
    await database.query(
      "ALTER TABLE posts ADD CONSTRAINT posts_category_id_fkey FOREIGN KEY (category_id) REFERENCES categories (id) NOT VALID",
    );
    const failed = await run(database, addForeignKey);
    expect(failed.summary.message).toMatch(/1 row \(id 5\) .* It is there, NOT VALID, and binds new rows/);
    const after = await catalog(database, "public");
    expect(
      after.some((line) => line.startsWith("posts_category_id_fkey") && line.endsWith("NOT VALID")),
    ).toBe(true);
  });
});

describe("inside a transaction", () => {
  test.each([
    ["addForeignKey", addForeignKey],
    ["setNotNull", setNotNull],
    ["addCheckConstraint", addCheck],
    ["addUniqueConstraint", addUnique],
    ["createIndex", createIndex],
    ["dropIndex", `await online.dropIndex(runner, { table: "posts", name: "posts_by_slug" });`],
  ])("%s says what the migration lacks", async (helper, up) => {
    const database = await createShopDatabase();
    const failed = await run(database, up, { transaction: true });
    expect(failed.code).toBe(20);
    expect(failed.summary.message).toMatch(
      new RegExp(
        `${helper} cannot run inside a transaction \\(.*\\): give the migration the property transaction = false`,
      ),
    );
  });

  test.each([
    ["dropNotNull", `await online.dropNotNull(runner, { table: "posts", column: "title" });`],
    ["addColumnCopy", `await online.addColumnCopy(runner, { table: "posts", from: "body", to: "content" });`],
  ])("%s works", async (_, up) => {
    const database = await createShopDatabase();
    expect((await run(database, up, { transaction: true })).code).toBe(0);
  });
});

describe("what is there already, but different", () => {
  test.each([
    [
      "an index with another definition",
      "CREATE INDEX posts_by_slug ON posts (slug) WHERE id > 5",
      createIndex,
      /already has a posts_by_slug, but another one: USING btree \(slug\) WHERE \(id > 5\), where USING btree \(slug\) is wanted/,
    ],
    [
      "a unique one",
      "CREATE UNIQUE INDEX posts_by_slug ON posts (slug)",
      createIndex,
      /another one: UNIQUE USING btree/,
    ],
    [
      "another table's index",
      "CREATE INDEX posts_by_slug ON categories (slug)",
      createIndex,
      /the name posts_by_slug is taken in the schema public, and not by an index of public.posts/,
    ],
    ["a table of that name", "CREATE TABLE posts_by_slug ()", createIndex, /is taken in the schema public/],
    [
      "a foreign key with another action",
      "ALTER TABLE posts ADD CONSTRAINT posts_category_id_fkey FOREIGN KEY (category_id) REFERENCES categories (id) ON DELETE CASCADE",
      addForeignKey,
      /already has a posts_category_id_fkey, but another one: FOREIGN KEY \(category_id\) REFERENCES public.categories\(id\) ON DELETE CASCADE, where FOREIGN KEY/,
    ],
    [
      "a check of another condition",
      "ALTER TABLE posts ADD CONSTRAINT posts_short CHECK (length(title) < 200)",
      addCheck,
      /already has a posts_short, but another one: CHECK \(\(length\(title\) < 200\)\)/,
    ],
    [
      "a constraint on other columns",
      "ALTER TABLE posts ADD CONSTRAINT posts_slug_key UNIQUE (slug, id)",
      addUnique,
      /already has a posts_slug_key, but another one: UNIQUE \(slug, id\)/,
    ],
    [
      "a copy of another type",
      "ALTER TABLE posts ADD COLUMN content varchar(10)",
      `await online.addColumnCopy(runner, { table: "posts", from: "body", to: "content" });`,
      /already has a content \(character varying\(10\)\), where text without a default is wanted/,
    ],
  ])("%s is refused, and nothing is touched", async (_, before, up, message) => {
    const database = await createShopDatabase();
    await database.query(before);
    const state = await catalog(database, "public");
    const failed = await run(database, up);
    expect(failed.code).toBe(20);
    expect(failed.summary.message).toMatch(message);
    expect(await catalog(database, "public")).toEqual(state);
  });

  test("an index that backs a constraint is not dropped", async () => {
    const database = await createShopDatabase();
    const failed = await run(
      database,
      `await online.dropIndex(runner, { table: "posts", name: "posts_pkey" });`,
    );
    expect(failed.summary.message).toContain(
      "the index posts_pkey stands behind the constraint posts_pkey of public.posts: drop the constraint instead",
    );
  });

  test.each([
    [
      "table",
      `await online.setNotNull(runner, { table: "Posts", column: "slug" });`,
      "there is no table Posts in search_path",
    ],
    [
      "column",
      `await online.setNotNull(runner, { table: "posts", column: "Slug" });`,
      "public.posts has no column Slug",
    ],
    [
      "schema",
      `await online.setNotNull(runner, { schema: "x", table: "posts", column: "slug" });`,
      "there is no table posts in the schema x",
    ],
    [
      "name",
      `await online.createIndex(runner, { table: "posts", columns: ["slug"], name: "n".repeat(64) });`,
      "has 64 bytes, PostgreSQL keeps 1 to 63",
    ],
  ])("no such %s", async (_, up, message) => {
    const database = await createShopDatabase();
    expect((await run(database, up)).summary.message).toContain(message);
  });
});

/** Which rows are found first is the planner's business. */
const sorted = (message: string) =>
  message.replace(/\d+(, \d+)+/g, (list) => list.split(", ").sort().join(", "));
