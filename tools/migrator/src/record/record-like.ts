import type { Sql } from "../database/session.ts";
import { knownTools, onlyIn } from "./known-tools.ts";
import { quote } from "./tables.ts";

/** A table that looks like a record of migrations. */
export interface RecordLike {
  schema: string;
  table: string;
  tool: string;
  /** Undefined where we may not read it. */
  rows: number | undefined;
  /** How many of these migrations it names; a table with TypeORM's columns alone. */
  known: number | undefined;
}

/** A record has some hundred rows; what has more is counted so far. */
export const mostRows = 10_000;
const mostTables = 20;

/**
 * Every table of the database with exactly TypeORM's columns, under any name, or with the name of a known tool's
 * record; but for `own`. Those of `schemas` first.
 */
export async function findRecords(
  sql: Sql,
  own: { schema: string; table: string },
  schemas: readonly string[],
  migrations: readonly string[],
): Promise<RecordLike[]> {
  const found = await sql<{ schema: string; table: string; typeorm: boolean; readable: boolean }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS "table", like_ours.yes AS typeorm,
            has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL (
            SELECT count(*) = 3 AND count(*) FILTER (WHERE attname = 'id' OR attname = 'name' AND atttypid IN ('text'::regtype, 'varchar'::regtype)
                                                        OR attname = 'timestamp' AND atttypid IN ('int8'::regtype, 'int4'::regtype, 'numeric'::regtype)) = 3 AS yes
              FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS like_ours
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND (like_ours.yes OR lower(c.relname) = ANY ($3) AND coalesce($4::jsonb ->> lower(c.relname), n.nspname) = n.nspname
             OR n.nspname = 'graphile_migrate' AND c.relname = 'migrations')
        AND (n.nspname, c.relname) <> ($1, $2)
      ORDER BY n.nspname <> ALL ($5), n.nspname, c.relname LIMIT ${mostTables}`,
    [own.schema, own.table, Object.keys(knownTools), JSON.stringify(onlyIn), schemas],
  );
  const records: RecordLike[] = [];
  for (const { schema, table, typeorm, readable } of found) {
    const tool = typeorm ? "TypeORM" : (knownTools[schema] ?? knownTools[table.toLowerCase()] ?? "");
    const counted = readable ? await count(sql, schema, table, typeorm ? migrations : undefined) : undefined;
    records.push({ schema, table, tool, rows: counted?.rows, known: counted?.known });
  }
  return records;
}

async function count(sql: Sql, schema: string, table: string, migrations: readonly string[] | undefined) {
  const from = `${quote(schema)}.${quote(table)}`;
  const some = `(SELECT * FROM ${from} LIMIT ${mostRows + 1}) AS few`;
  const [row] = await sql<{ rows: number; known: number | null }>(
    migrations === undefined
      ? `SELECT count(*)::int AS rows, NULL AS known FROM ${some}`
      : `SELECT count(*)::int AS rows, (count(DISTINCT name) FILTER (WHERE name = ANY ($1)))::int AS known FROM ${some}`,
    migrations === undefined ? [] : [migrations],
  );
  return { rows: row?.rows ?? 0, known: row?.known ?? undefined };
}
