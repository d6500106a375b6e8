import { codeOf } from "../classify.ts";
import type { Sql } from "../database/session.ts";
import type { RecordTables } from "./tables.ts";

/** What the marker of a migration outside a transaction holds of its statements. None of their text: it may hold secrets. */
export interface Progress {
  /** What {@link unsettledSql} showed before the first attempt: nothing of it is the migration's. */
  unsettled: number[];
  /** Statements, by their hash, that came to their end: the next one was begun, or the same was begun again. */
  done: string[];
  /** What the catalog said before each statement that was ever begun, by its hash. */
  begun: Record<string, Record<string, unknown>>;
}

export const nothing: Progress = { unsettled: [], done: [], begun: {} };

/** What the catalog says before a statement, as an SQL expression that gives jsonb; its parameters start with `$from`. */
export interface Facts {
  sql(from: number): string;
  parameters: unknown[];
}

/** The notes on one migration, as they were when this attempt began, and the way to add to them. */
export interface Journal {
  /** Unsettled before the first attempt. */
  before: ReadonlySet<number>;
  /** Unsettled when this attempt began. */
  known: ReadonlySet<number>;
  wasDone(hash: string): boolean;
  /** Undefined for a statement that no earlier attempt began. */
  factsBefore(hash: string): Record<string, unknown> | undefined;
  /** Numbers of the relations that an earlier attempt began to rename. */
  renamed: number[];
  /** Committed before the statement is sent. Also says which ones have ended since. */
  begin(hash: string, facts: Facts): Promise<void>;
  ended(hash: string): void;
}

/**
 * Numbers of the indexes that are not whole (being built, or left so) and of the partitions that are half detached. A
 * partitioned index is invalid until all its parts are attached, which the next migration may do.
 */
export const unsettledSql = `
  SELECT i.indexrelid::int8 AS oid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
   WHERE NOT (i.indisvalid AND i.indisready AND i.indislive) AND c.relpersistence <> 't'
   UNION ALL
  SELECT inhrelid::int8 FROM pg_catalog.pg_inherits WHERE inhdetachpending`;

export function journal(
  sql: Sql,
  tables: RecordTables,
  name: string,
  progress: Progress,
  now: readonly number[],
): Journal {
  const done = new Set(progress.done);
  const wasDone = new Set(progress.done);
  let ended: string[] = [];
  return {
    before: new Set(progress.unsettled),
    known: new Set([...progress.unsettled, ...now]),
    wasDone: (hash) => wasDone.has(hash),
    factsBefore: (hash) => progress.begun[hash],
    renamed: Object.values(progress.begun)
      .map(({ relation }) => relation)
      .filter((oid) => typeof oid === "number"),
    async begin(hash, facts) {
      const note = (found: Facts) =>
        sql(
          // The facts of the first time it was begun stay: an attempt in between may have changed them.
          `UPDATE ${tables.unfinished} SET progress = pg_catalog.jsonb_build_object('unsettled', progress->'unsettled',
              'done', (progress->'done') || $3::jsonb,
              'begun', pg_catalog.jsonb_build_object($2::text, ${found.sql(4)}) || (progress->'begun'))
            WHERE name = $1`,
          [name, hash, JSON.stringify(ended), ...found.parameters],
        );
      await note(facts).catch(async (error) => {
        if (codeOf(error) !== "42501") throw error;
        const found = await lookUp(sql, facts);
        await asOurselves(sql, () => note({ sql: (from) => `$${from}::jsonb`, parameters: [found] }));
      });
      ended = [];
    },
    ended(hash) {
      if (done.has(hash)) return;
      done.add(hash);
      ended.push(hash);
    },
  };
}

/** With the eyes of a role that a migration has taken. What it may not see, the statement may not touch. */
async function lookUp(sql: Sql, facts: Facts): Promise<string> {
  const found = sql<{ facts: object }>(`SELECT ${facts.sql(1)} AS facts`, facts.parameters);
  const [row] = await found.catch((error) => {
    if (codeOf(error) !== "42501") throw error;
    return [];
  });
  return JSON.stringify(row?.facts ?? {});
}

/** For a migration that has taken another role (SET ROLE), which may not touch the record and is to stay. */
async function asOurselves(sql: Sql, work: () => Promise<unknown>): Promise<void> {
  await sql("BEGIN");
  try {
    await sql("SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE");
    await work();
    await sql("COMMIT");
  } catch (error) {
    await sql("ROLLBACK");
    throw error;
  }
}
