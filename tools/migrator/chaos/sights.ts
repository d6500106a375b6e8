import type { Database } from "./database.ts";

/** What a second session sees while the migrator is in a moment. The same `token` before and after: it is still that one. */
export interface Sight {
  token: string;
  /** Where in the moment, for the counts of the report. */
  phase: string;
}

/** By what pg_stat_activity and the progress view say of a session of the migrator that is at work right now. */
export const running = (statement: string, progress?: string) => async (database: Database) => {
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
export const writing = (statement: string) => async (database: Database) => {
  const client = await database.session();
  await client.query("BEGIN");
  await client.query(statement);
  return () => client.end();
};

export const inRecord = async (database: Database, migration: string): Promise<Sight | undefined> => {
  const seen = await database.query("SELECT 1 FROM migrations WHERE name = $1", [migration]);
  return seen.length > 0 ? { token: "recorded", phase: migration } : undefined;
};

/** What the last statement of a migration outside a transaction leaves in the catalog. */
export const traces: Record<string, string> = {
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
export const lastStatement: Record<string, RegExp> = {
  IndexTitles1700000003000: /^Q.*CREATE.*INDEX.*posts_title/s,
  IndexPairs1700000004000: /^Q.*CREATE.*INDEX.*posts_token/s,
  DetachEvents1700000007000: /^Q.*DETACH PARTITION/s,
  AddMood1700000008000: /^Q.*ADD VALUE/s,
  RebuildTitles1700000006000: /^Q.*REINDEX/s,
};
