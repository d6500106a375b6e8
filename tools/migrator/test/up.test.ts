import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { createDatabase, type TestDatabase } from "./support/database.ts";
import { addAuthor, createPosts, indexTitles, migrationsFolder, temporaryFolder } from "./support/folder.ts";

const names = async (database: TestDatabase) =>
  (await database.query<{ name: string }>("SELECT name FROM migrations ORDER BY id")).map(({ name }) => name);

describe("up", () => {
  test("applies everything of the expand phase and records it; a second run finds nothing to do", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts, addAuthor, indexTitles);
    const first = await migrator(["up", "--json"], { url: database.url, dir });
    expect(first.code).toBe(0);
    const result = JSON.parse(first.stdout);
    expect(result.applied.map(({ name }: { name: string }) => name)).toEqual([
      createPosts.name,
      addAuthor.name,
      indexTitles.name,
    ]);
    const detail = await database.query(
      "SELECT name, phase, length(checksum) AS sum, applied_at IS NOT NULL AS at, duration_ms >= 0 AS ms FROM migrations_detail",
    );
    expect(detail).toHaveLength(3);
    expect(detail[0]).toEqual({ name: createPosts.name, phase: "expand", sum: 64, at: true, ms: true });
    await database.query("INSERT INTO posts (title, author) VALUES ('a', 'b')");

    const second = await migrator(["up", "--json"], { url: database.url, dir });
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ exitCode: 0, applied: [], pending: [] });
    expect(second.summary.message).toBe("nothing to do");
    expect(await names(database)).toHaveLength(3);
  });

  test("a failing migration leaves nothing of itself, keeps those before it, and exits 20", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts, {
      name: "Half1700000001000",
      up: ["CREATE TABLE half (id int)", "INSERT INTO nowhere VALUES (1)"],
    });
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain('Half1700000001000 failed: relation "nowhere" does not exist');
    expect(await names(database)).toEqual([createPosts.name]);
    expect(await database.query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
  });

  test("--to stops there", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts, addAuthor);
    expect((await migrator(["up", "--to", createPosts.name], { url: database.url, dir })).code).toBe(0);
    expect(await names(database)).toEqual([createPosts.name]);
    const unknown = await migrator(["up", "--to", "Nope"], { url: database.url, dir });
    expect(unknown.code).toBe(2);
    expect(unknown.summary.next).toContain(createPosts.name);
  });

  test("a migration's SET does not reach the next one, and the record is found all the same", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(
      {
        ...createPosts,
        up: [String(createPosts.up), "SELECT pg_catalog.set_config('search_path', '', false)"],
      },
      addAuthor,
    );
    expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
    expect(await names(database)).toHaveLength(2);
  });

  test("a migration that commits by itself is caught, not recorded as if nothing had happened", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder({ ...createPosts, up: [String(createPosts.up), "COMMIT"] });
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain("ended the transaction");
    expect(await names(database)).toEqual([]);
  });

  test("a transaction the migration left open is caught, and nothing of it stays", async () => {
    const database = await createDatabase();
    const dir = await temporaryFolder();
    await writeFile(
      join(dir, "open.mjs"),
      `export class Open1700000000000 { async up(q) { await q.startTransaction(); await q.query("CREATE TABLE half (id int)"); } }`,
    );
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain("left one open");
    expect(await names(database)).toEqual([]);
    expect(await database.query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
  });

  test("the record may live in another schema, or wherever search_path leads", async () => {
    const database = await createDatabase();
    await database.query("CREATE SCHEMA app; CREATE SCHEMA other");
    const dir = await migrationsFolder(createPosts);
    expect((await migrator(["up", "--schema", "app"], { url: database.url, dir })).code).toBe(0);
    expect(await database.query("SELECT name FROM app.migrations")).toHaveLength(1);

    const url = `${database.url}?options=${encodeURIComponent("-c search_path=other")}`;
    expect((await migrator(["up"], { url, dir })).code).toBe(0);
    expect(
      await database.query(
        "SELECT (SELECT count(*) FROM other.migrations) + (SELECT count(*) FROM other.posts) AS n",
      ),
    ).toEqual([{ n: "1" }]);
    expect((await migrator(["up", "--schema", "missing"], { url: database.url, dir })).code).toBe(2);
  });
});
