import type { Source } from "./folder.ts";

const helpers = new URL("../../src/online/index.ts", import.meta.url).href;

/** A migration's body that calls a helper. */
export const calling = (name: string, options: object) =>
  `(await import(${JSON.stringify(helpers)})).${name}(queryRunner, ${JSON.stringify(options)})`;

/** The same intents, done in the way the findings point to. Nothing may be said about them. */
export const green: Record<string, Omit<Source, "name"> & { calls?: string }> = {
  NewTable: {
    up: [
      "CREATE TABLE tags (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood mood)",
      "ALTER TABLE tags ADD CONSTRAINT tags_name_key UNIQUE (name)",
      "CREATE INDEX tags_mood ON tags (mood)",
      "INSERT INTO tags (name) VALUES ('a')",
      "UPDATE tags SET name = 'b', mood = 'good'",
      "ALTER TABLE tags ALTER COLUMN mood SET NOT NULL",
      "ALTER TABLE tags DROP COLUMN mood",
    ],
  },
  ViewReplaced: { up: ["DROP VIEW recent", "CREATE VIEW recent AS SELECT id, slug FROM posts"] },
  TableRenamedBehindView: {
    up: "ALTER TABLE audit RENAME TO audits; CREATE VIEW audit AS SELECT * FROM audits",
  },
  NewColumns: {
    up: "ALTER TABLE posts ADD COLUMN tag_id bigint REFERENCES tags, ADD COLUMN state text NOT NULL DEFAULT 'new'",
  },
  WiderType: { up: "ALTER TABLE authors ALTER COLUMN city TYPE text" },
  CheckGone: { up: "ALTER TABLE posts DROP CONSTRAINT posts_size" },
  IndexGone: { transaction: false, up: "DROP INDEX CONCURRENTLY IF EXISTS posts_kind" },
  IndexOnline: {
    transaction: false,
    up: [],
    calls: calling("createIndex", { table: "posts", name: "posts_body", columns: ["body"] }),
  },
  KeyOnline: {
    phase: "contract",
    transaction: false,
    up: [],
    calls: calling("addForeignKey", {
      table: "posts",
      name: "posts_author_fkey",
      columns: ["author_id"],
      references: { table: "authors", columns: ["id"] },
    }),
  },
  BackfillInBatches: {
    phase: "backfill",
    transaction: false,
    up: [],
    calls: calling("batched", { table: "posts", set: "size = 1", where: "size IS NULL" }),
  },
  NotNullOnline: {
    phase: "contract",
    transaction: false,
    up: [],
    calls: calling("setNotNull", { table: "posts", column: "size" }),
  },
  UniqueOnline: {
    phase: "contract",
    transaction: false,
    up: [],
    calls: calling("addUniqueConstraint", { table: "authors", name: "authors_name_key", columns: ["name"] }),
  },
  DropAtItsTime: { phase: "contract", up: "ALTER TABLE posts DROP COLUMN subtitle" },
  Repeatable: {
    transaction: false,
    up: [
      "CREATE TABLE IF NOT EXISTS once (id bigint PRIMARY KEY)",
      "INSERT INTO once VALUES (1) ON CONFLICT DO NOTHING",
    ],
  },
};
