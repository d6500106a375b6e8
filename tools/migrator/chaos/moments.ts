import type { Database } from "./database.ts";
import { rows } from "./templates.ts";

/** What a second session sees while the migrator is in a moment. The same `token` before and after: it is still that one. */
export interface Sight {
  token: string;
  /** Where in the moment, for the counts of the report. */
  phase: string;
}

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

/** By what pg_stat_activity and the progress view say of a session of the migrator that is at work right now. */
const running = (statement: string, progress?: string) => async (database: Database) => {
  const [seen] = await database.query<Sight>(
    `SELECT a.pid || ' since ' || a.query_start AS token, coalesce(p.phase, a.wait_event_type, 'running') AS phase
       FROM pg_stat_activity a LEFT JOIN pg_stat_progress_create_index p ON p.pid = a.pid AND p.datid = a.datid
      WHERE a.datname = current_database() AND a.application_name = 'migrator' AND a.state = 'active'
        AND a.query ~* $1 AND ($2::text IS NULL OR p.command = $2)`,
    [statement, progress],
  );
  return seen;
};

/** A transaction of the service that takes its time: CONCURRENTLY waits for it. */
const writing = (statement: string) => async (database: Database) => {
  const client = await database.session();
  await client.query("BEGIN");
  await client.query(statement);
  return () => client.end();
};

const inRecord = async (database: Database, migration: string): Promise<Sight | undefined> => {
  const seen = await database.query("SELECT 1 FROM migrations WHERE name = $1", [migration]);
  return seen.length > 0 ? { token: "recorded", phase: migration } : undefined;
};

/** What the last statement of a migration outside a transaction leaves in the catalog. */
const traces: Record<string, string> = {
  IndexTitles1700000003000:
    "SELECT FROM pg_index WHERE indexrelid = to_regclass('posts_title') AND indisvalid",
  IndexPairs1700000004000:
    "SELECT FROM pg_index WHERE indexrelid = to_regclass('posts_token') AND indisvalid",
  DetachEvents1700000007000:
    "SELECT WHERE NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 'events_2024'::regclass)",
  AddMood1700000008000: "SELECT FROM pg_enum WHERE enumlabel = 'merry'",
  // Nothing but its end: the session has no statement any more.
  RebuildTitles1700000006000: `SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'migrator' AND state = 'idle' AND query ~* 'REINDEX'`,
};

/** That statement, as the client sends it: one without parameters is a message of type Q. */
const lastStatement: Record<string, RegExp> = {
  IndexTitles1700000003000: /^Q.*CREATE.*INDEX.*posts_title/s,
  IndexPairs1700000004000: /^Q.*CREATE.*INDEX.*posts_token/s,
  DetachEvents1700000007000: /^Q.*DETACH PARTITION/s,
  AddMood1700000008000: /^Q.*ADD VALUE/s,
  RebuildTitles1700000006000: /^Q.*REINDEX/s,
};

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
