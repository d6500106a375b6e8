import { describe, expect, test } from "vitest";
import { addColumnCopy, createIndex, setNotNull } from "../src/online/index.ts";
import { migrator } from "./support/cli.ts";
import { until } from "./support/database.ts";
import { catalog, openRunner } from "./support/online.ts";
import { onlineFolder } from "./support/online-folder.ts";
import { createShop, createShopDatabase } from "./support/shop.ts";

describe("under TypeORM's own CLI, which lends no context", () => {
  test("a short lock is not queued for longer than half a second, and the session's setting comes back", async () => {
    const database = await createShopDatabase();
    const holder = await database.session("holder");
    await holder.query("BEGIN; SELECT 1 FROM posts LIMIT 1");
    const runner = await openRunner(database.url);
    await expect(addColumnCopy(runner, { table: "posts", from: "body", to: "content" })).rejects.toThrow(
      "lock timeout",
    );
    expect(await runner.query("SHOW lock_timeout")).toEqual([{ lock_timeout: "0" }]);
    await runner.query("SET lock_timeout = '100ms'");
    await expect(addColumnCopy(runner, { table: "posts", from: "body", to: "content" })).rejects.toThrow(
      "lock timeout",
    );
    expect(await runner.query("SHOW lock_timeout")).toEqual([{ lock_timeout: "100ms" }]);
  });

  test("also inside a transaction, whose setting ends with it", async () => {
    const database = await createShopDatabase();
    const runner = await openRunner(database.url);
    await runner.startTransaction();
    await addColumnCopy(runner, { table: "posts", from: "body", to: "content" });
    expect(await runner.query("SHOW lock_timeout")).toEqual([{ lock_timeout: "500ms" }]);
    await runner.commitTransaction();
    expect(await runner.query("SHOW lock_timeout")).toEqual([{ lock_timeout: "0" }]);
  });

  test("a unique index that cannot be built is gone before the error is told", async () => {
    const database = await createShopDatabase();
    await database.query("UPDATE posts SET slug = 'same' WHERE id < 3");
    const before = await catalog(database, "public");
    const runner = await openRunner(database.url);
    const building = createIndex(runner, { table: "posts", columns: ["slug"], unique: true });
    await expect(building).rejects.toThrow(/2 rows \(id 1, 2\) with the values of another row/);
    expect(await catalog(database, "public")).toEqual(before);
  });
});

describe("NOT NULL that binds new rows only, as PostgreSQL 18 knows it", () => {
  const unproven = "ALTER TABLE posts ADD CONSTRAINT later NOT NULL category_id NOT VALID";

  test("is proven, not taken for the real one", async () => {
    const database = await createShopDatabase();
    await database.query(unproven);
    await setNotNull(await openRunner(database.url), { table: "posts", column: "category_id" });
    expect(await database.query("SELECT convalidated FROM pg_constraint WHERE conname = 'later'")).toEqual([
      { convalidated: true },
    ]);
  });

  test("names the rows in the way", async () => {
    const database = await createShopDatabase();
    await database.query(`UPDATE posts SET category_id = NULL WHERE id = 4; ${unproven}`);
    const change = setNotNull(await openRunner(database.url), { table: "posts", column: "category_id" });
    await expect(change).rejects.toThrow(
      /later cannot be proven on public.posts: 1 row \(id 4\) without category_id/,
    );
  });
});

test("each step is a line of the log: what, why it is safe, and the lock", async () => {
  const database = await createShopDatabase();
  const up = `await online.setNotNull(runner, { table: "posts", column: "category_id" });`;
  const dir = await onlineFolder([createShop], { name: "Require1700000001000", up });
  const run = await migrator(["up"], { url: database.url, dir });
  const steps = run.log.filter(({ lock }) => lock !== undefined);
  expect(steps.map(({ message }) => message)).toEqual([
    "adding posts_category_id_not_null_check to public.posts, NOT VALID: new rows must satisfy it, old ones are not read",
    "proving posts_category_id_not_null_check: the old rows are read while readers and writers go on",
    "public.posts.category_id becomes NOT NULL: the proven check saves reading the rows",
    "dropping the constraint posts_category_id_not_null_check of public.posts: the catalog alone changes",
  ]);
  expect(steps[1]).toMatchObject({
    migration: "Require1700000001000",
    lock: "SHARE UPDATE EXCLUSIVE on public.posts",
  });
});

test("an invalid index that an interrupted build left is built again, a different definition or not", async () => {
  const database = await createShopDatabase();
  await database.query("UPDATE posts SET slug = 'same' WHERE id < 3");
  await expect(
    database.query("CREATE UNIQUE INDEX CONCURRENTLY by_slug ON posts (slug, title) WHERE slug = 'x'"),
  ).resolves.toBeDefined();
  const admin = await database.admin();
  await admin.query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_slug'::regclass");
  const runner = await openRunner(database.url);
  await createIndex(runner, { table: "posts", columns: ["slug"], name: "by_slug" });
  expect(await database.query("SELECT indexdef FROM pg_indexes WHERE indexname = 'by_slug'")).toEqual([
    { indexdef: "CREATE INDEX by_slug ON public.posts USING btree (slug)" },
  ]);
});

test("an index that another session is building is left alone; the migrator tries again", async () => {
  const database = await createShopDatabase();
  const writer = await database.session("writer");
  await writer.query("BEGIN; INSERT INTO posts (title) VALUES ('x')");
  const other = await database.session("other");
  const building = other.query("CREATE INDEX CONCURRENTLY by_slug ON posts (slug)");
  await until("the other's build", async () => {
    return (await database.query("SELECT 1 FROM pg_stat_progress_create_index")).length;
  });
  const runner = await openRunner(database.url);
  await expect(
    createIndex(runner, { table: "posts", columns: ["slug"], name: "by_slug" }),
  ).rejects.toMatchObject({
    code: "55P03",
    message: "another session is building the index by_slug right now",
  });
  await writer.query("COMMIT");
  await building;
  await createIndex(runner, { table: "posts", columns: ["slug"], name: "by_slug" });
});
