import { join } from "node:path";
import { expect, test } from "vitest";
import { schemaOf, violationsIn } from "../chaos/invariants.ts";
import { fillPosts } from "../chaos/templates.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";

/** What a kill or a cut must never leave, and the word by which chaos names it. */
const harms: [string, string][] = [
  ["DELETE FROM posts WHERE id = 7", "posts is 5999"],
  ["UPDATE posts SET author_id = 1 + (id + 1) % 5 WHERE id = 7", "wrongAuthor is 1"],
  [
    "UPDATE posts SET author_id = author_id % 5 + 1 WHERE id = 7; UPDATE posts SET author_id = 1 + id % 5 WHERE id = 7",
    "changes is 6002",
  ],
  ["UPDATE posts SET edits = edits + 1 WHERE id = 7", "edits is 1"],
  [
    `INSERT INTO migrations ("timestamp", name) SELECT "timestamp", name FROM migrations LIMIT 1`,
    "is recorded 2 times",
  ],
  ["DELETE FROM migrations_detail WHERE name LIKE 'AddMood%'", "detail: missing"],
  [
    "INSERT INTO migrations_unfinished VALUES ('AddMood1700000008000', 1700000008000, 'up', now())",
    "unfinished: ",
  ],
  ["UPDATE migrations_floor SET state = 'proposed'", "floor: "],
  ["UPDATE migrations_backfill SET state = 'running'", "backfill: "],
  ["DROP INDEX posts_newest", "indexes: missing"],
  ["CREATE INDEX posts_title_ccnew ON posts (title)", "posts_title_ccnew"],
  [
    "ALTER TABLE posts DROP CONSTRAINT posts_author; ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES authors NOT VALID",
    "NOT VALID",
  ],
  ["ALTER TABLE posts ALTER author_id DROP NOT NULL", "columns: "],
  ["ALTER TABLE events ATTACH PARTITION events_2024 FOR VALUES IN (2024)", "partitions: "],
  ["INSERT INTO runs VALUES ('AddShelves')", "runs: "],
  ["SELECT pg_advisory_xact_lock(1)", "advisory_locks: "],
];

test("chaos sees each harm: what is lost, done twice, half done or left behind", {
  timeout: 180_000,
}, async () => {
  const database = await createDatabase();
  const dir = join(import.meta.dirname, "..", "chaos", "migrations");
  const first = await migrator(["up", "--to", "CreatePosts1700000001000"], { url: database.url, dir });
  expect(first.code, first.stderr).toBe(0);
  await fillPosts(database);
  const rest = await migrator(["up", "--phase", "all"], { url: database.url, dir });
  expect(rest.code, rest.stderr).toBe(0);
  const expected = await schemaOf(database);
  const untouched = { inserts: 0, edits: 0 };
  expect(await violationsIn(database, expected, untouched)).toEqual([]);
  for (const [harm, word] of harms) {
    await database.query("BEGIN");
    await database.query(harm);
    expect((await violationsIn(database, expected, untouched)).join("\n"), harm).toContain(word);
    await database.query("ROLLBACK");
  }
});
