import type { QueryRunner } from "typeorm";
import { select, type Table } from "./catalog.ts";
import { quote } from "./names.ts";
import { patiently } from "./step.ts";

export interface IndexState {
  oid: number;
  /** It is an index of this table, not a table, view or another table's index that has the name. */
  ours: boolean;
  valid: boolean;
  unique: boolean;
  /** Another session is at it at this moment. */
  beingBuilt: boolean;
  /** Its definition from USING on, as the server prints it. */
  shape: string;
  /** The constraint that it backs, or that a foreign key elsewhere rests on. */
  constraint: string | null;
}

/** What has the index's name in the table's schema. */
export async function indexState(
  runner: QueryRunner,
  table: Table,
  name: string,
): Promise<IndexState | undefined> {
  const [found] = await select<IndexState>(
    runner,
    `SELECT c.oid, i.indrelid IS NOT NULL AND i.indrelid = $1 AS ours, i.indisvalid AS valid, i.indisunique AS unique,
            EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) AS "beingBuilt",
            ${shapeSql("$3")} AS shape,
            (SELECT format('%s of %s', quote_ident(k.conname), k.conrelid::regclass) FROM pg_constraint k
              WHERE k.conindid = c.oid ORDER BY k.contype = 'f' LIMIT 1) AS constraint
       FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid
      WHERE c.relname = $2 AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = $1)`,
    [table.oid, name, table.schema],
  );
  return found;
}

/** The shape of an index made on an empty copy of the table. */
export async function shapeOnCopy(runner: QueryRunner, name: string): Promise<string> {
  const [made] = await select<{ shape: string }>(
    runner,
    `SELECT ${shapeSql("'pg_temp'")} AS shape
       FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_class t ON t.oid = i.indrelid
      WHERE c.relname = $1 AND c.relnamespace = pg_my_temp_schema()`,
    [name],
  );
  return made?.shape ?? "";
}

/** pg_get_indexdef() without what comes before USING: the names in there may hold any text. */
export const shapeSql = (
  schema: string,
) => `CASE WHEN i.indexrelid IS NOT NULL THEN substr(pg_get_indexdef(i.indexrelid), length(format('CREATE %sINDEX %I ON %s%I.%I ',
  CASE WHEN i.indisunique THEN 'UNIQUE ' END, c.relname, CASE WHEN t.relkind = 'p' THEN 'ONLY ' END, ${schema}::text, t.relname)) + 1) END`;

/** Waits for transactions that use the index, blocking nobody. */
export const dropConcurrently = (runner: QueryRunner, table: Table, name: string, why: string) =>
  patiently(runner, {
    sql: `DROP INDEX CONCURRENTLY IF EXISTS ${quote(table.schema)}.${quote(name)}`,
    does: `dropping the index ${name} of ${table.label} (${why}): it waits for transactions that may use it`,
    lock: `SHARE UPDATE EXCLUSIVE on ${table.label}: readers and writers go on`,
  });
