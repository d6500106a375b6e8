import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { backfillFolder, checkpoint } from "./support/backfill.ts";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, saySharedSchema, until } from "./support/database.ts";

const rows = 3_000;

/**
 * Old code knows nothing of category_id. New code writes one it chose, which the backfill must never overwrite. Both
 * insert under random keys, before and behind the cursor, change and delete, some in transactions that stay open.
 */
test("old and new code write all the time: no lost update, valid foreign keys, counts that add up", {
  timeout: 120_000,
}, async () => {
  const database = await createDatabase();
  await database.query(`
    CREATE TABLE categories (id int PRIMARY KEY);
    INSERT INTO categories VALUES (1), (2);
    CREATE TABLE posts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), body text NOT NULL, edits int NOT NULL DEFAULT 0,
                        category_id int REFERENCES categories);
    INSERT INTO posts (body) SELECT 'x' FROM generate_series(1, ${rows});
    ANALYZE posts`);
  await saySharedSchema(database);
  const dir = await backfillFolder({
    table: "posts",
    set: "category_id = 1",
    where: "category_id IS NULL",
    batch: { initial: 100, max: 100, throttle: false },
  });

  let writing = true;
  /** What the service was told is done. */
  const acknowledged = { edits: 0, inserted: 0, deleted: new Set<string>(), chosen: new Set<string>() };
  const anyPost = "SELECT id FROM posts TABLESAMPLE BERNOULLI (5) LIMIT 1";
  const oldCode = async () => {
    const session = await database.session("old");
    while (writing) {
      await session.query("INSERT INTO posts (body) VALUES ('old')");
      acknowledged.inserted += 1;
      const edited = await session.query(`UPDATE posts SET edits = edits + 1 WHERE id = (${anyPost})`);
      acknowledged.edits += edited.rowCount ?? 0;
      await pause(5);
    }
  };
  const newCode = async () => {
    const session = await database.session("new");
    while (writing) {
      const inserted = await session.query(
        "INSERT INTO posts (body, category_id) VALUES ('new', 2) RETURNING id",
      );
      acknowledged.inserted += 1;
      acknowledged.chosen.add(inserted.rows[0].id);
      // Open for a moment: the batch finds these rows locked.
      await session.query("BEGIN");
      const chosen = await session.query(
        `UPDATE posts SET edits = edits + 1, category_id = 2 WHERE id IN (SELECT id FROM posts TABLESAMPLE BERNOULLI (1) LIMIT 5) RETURNING id`,
      );
      await pause(20);
      await session.query("COMMIT");
      acknowledged.edits += chosen.rowCount ?? 0;
      for (const { id } of chosen.rows) acknowledged.chosen.add(id);
      const deleted = await session.query(
        "DELETE FROM posts WHERE id = (SELECT id FROM posts TABLESAMPLE BERNOULLI (5) LIMIT 1) RETURNING id, edits",
      );
      for (const { id, edits } of deleted.rows) {
        acknowledged.deleted.add(id);
        acknowledged.edits -= edits;
      }
    }
  };
  const writers = [oldCode(), newCode(), newCode()];
  const running = start(["up"], { url: database.url, dir });
  await until("the end of the backfill", async () => running.process.exitCode !== null, 60_000);
  writing = false;
  await Promise.all(writers);
  expect((await running.finished).code).toBe(0);

  // What old code wrote after the last look is what a contract sweeps.
  const sweep = await migrator(["up"], {
    url: database.url,
    dir: await backfillFolder(
      { table: "posts", set: "category_id = 1", where: "category_id IS NULL" },
      { name: "Sweep1700000006000" },
      dir,
    ),
  });
  expect(sweep.code).toBe(0);
  expect(sweep.log.filter(({ level }) => level === "warn")).toEqual([]);

  const [counts] = await database.query(
    `SELECT count(*)::int AS posts, sum(edits)::int AS edits, count(*) FILTER (WHERE category_id IS NULL)::int AS unfilled FROM posts`,
  );
  expect(counts).toEqual({
    posts: rows + acknowledged.inserted - acknowledged.deleted.size,
    edits: acknowledged.edits,
    unfilled: 0,
  });
  const chosen = await database.query<{ id: string }>("SELECT id FROM posts WHERE category_id = 2");
  // Taken off only now: one session may hear of a row's end before the other hears of its own commit to it.
  for (const id of acknowledged.deleted) acknowledged.chosen.delete(id);
  expect(new Set(chosen.map(({ id }) => id))).toEqual(acknowledged.chosen);
  expect(acknowledged.chosen.size).toBeGreaterThan(20);
  const orphans = await database.query(
    "SELECT FROM posts p LEFT JOIN categories c ON c.id = p.category_id WHERE c.id IS NULL",
  );
  expect(orphans).toEqual([]);
  expect(await checkpoint(database)).toMatchObject({ state: "done" });
});
