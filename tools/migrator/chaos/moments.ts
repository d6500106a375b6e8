import type { Database } from "./database.ts";
import { inRecord, lastStatement, running, type Sight, traces, writing } from "./sights.ts";
import { rows } from "./templates.ts";

/** Where a kill is to land. */
export interface Moment {
  name: string;
  /** What is asked for: as many kills of each group as of any other. Without one it comes on top. */
  group?: "concurrently" | "validate" | "backfill" | "commit-to-exit";
  /** How many of a hundred kills. */
  share: number;
  /** The migrations that have such a moment; each trial takes one of them. */
  migrations: readonly string[];
  /** Undefined while the migrator is not in it. */
  look(database: Database, migration: string, begun: number): Promise<Sight | undefined>;
  /** How long to let pass after it was first seen. */
  spanMs: number;
  /** Keeps the migrator in it: for as long as the function that comes back was not called. */
  block?(database: Database): Promise<() => Promise<void>>;
  /** It also waits for what begins after it did. */
  blockable?: "later";
  /** From the client's message on for which this is true, the migrator hears no answer any more. */
  deafAfter?(migration: string): (message: string) => boolean;
  /** Ends with its migration, so that the process's end is near. */
  to?: true;
}

const index = ["IndexTitles1700000003000", "IndexPairs1700000004000"];
const outside = [...index, "DetachEvents1700000007000", "AddMood1700000008000", "RebuildTitles1700000006000"];
const recordable = [
  "AddShelves1700000002000",
  ...index,
  "FillAuthors1700000009000",
  "RequireAuthors1700000010000",
];

export const moments: readonly Moment[] = [
  {
    name: "concurrently",
    group: "concurrently",
    share: 25,
    migrations: index,
    look: running("CREATE.*INDEX.*CONCURRENTLY", "CREATE INDEX CONCURRENTLY"),
    spanMs: 250,
    block: writing("UPDATE posts SET edits = edits WHERE id = 1"),
    blockable: "later",
  },
  {
    name: "validate",
    group: "validate",
    share: 25,
    migrations: ["ValidatePosts1700000005000"],
    look: running("VALIDATE.*CONSTRAINT"),
    spanMs: 150,
    block: writing("LOCK TABLE posts IN SHARE UPDATE EXCLUSIVE MODE"),
  },
  {
    name: "backfill",
    group: "backfill",
    share: 25,
    migrations: ["FillAuthors1700000009000"],
    async look(database, migration, begun) {
      const [seen] = await database.query<{ done: number }>(
        `SELECT rows_done::int AS done FROM migrations_backfill
          WHERE name = $1 AND state = 'running' AND rows_done > $2 AND NOT EXISTS (SELECT FROM migrations WHERE name = $1)`,
        [migration, Math.floor(begun * rows * 0.95)],
      );
      return seen && { token: "running", phase: `${Math.floor((seen.done * 5) / rows) * 20} % and more` };
    },
    spanMs: 15,
  },
  {
    name: "commit-to-exit",
    group: "commit-to-exit",
    share: 13,
    migrations: recordable,
    look: inRecord,
    spanMs: 4,
    to: true,
  },
  {
    // The commit arrived, its answer never does.
    name: "commit-unheard",
    group: "commit-to-exit",
    share: 6,
    migrations: recordable,
    look: inRecord,
    spanMs: 60,
    to: true,
    deafAfter(migration) {
      let recording = false;
      return (message) => {
        recording ||= /INSERT INTO [^ ]*"?migrations"? /.test(message) && message.includes(migration);
        return recording && message.includes("COMMIT");
      };
    },
  },
  {
    // The last statement outside a transaction is done, its row in the record is not written.
    name: "done-unrecorded",
    group: "commit-to-exit",
    share: 6,
    migrations: outside,
    async look(database, migration) {
      if (await inRecord(database, migration)) return undefined;
      const seen = await database.query(traces[migration] ?? "");
      return seen.length > 0 ? { token: "done", phase: migration } : undefined;
    },
    spanMs: 60,
    to: true,
    deafAfter: (migration) => (message) => lastStatement[migration]?.test(message) === true,
  },
  {
    name: "transaction",
    share: 3,
    migrations: ["AddShelves1700000002000"],
    look: running("CREATE TABLE shelves|CREATE UNIQUE INDEX shelves"),
    spanMs: 80,
  },
  {
    name: "reindex",
    share: 3,
    migrations: ["RebuildTitles1700000006000"],
    look: running("REINDEX", "REINDEX CONCURRENTLY"),
    spanMs: 200,
    block: writing("UPDATE posts SET edits = edits WHERE id = 1"),
    blockable: "later",
  },
  {
    name: "detach",
    share: 3,
    migrations: ["DetachEvents1700000007000"],
    look: running("DETACH PARTITION"),
    spanMs: 200,
    block: writing("SELECT FROM events"),
  },
];

/** Anywhere between start and end: nothing to be seen, and nothing to be missed. */
export const anywhere: Moment = {
  name: "anywhere",
  share: 6,
  migrations: recordable,
  look: async () => ({ token: "anywhere", phase: "anywhere" }),
  spanMs: 2_000,
};
