// Loaded with the database's answer: what the record is called, and what there is where it is missing.
import { createHash } from "node:crypto";
import type pg from "pg";
import type { SchemaOptions } from "./cli.ts";

const LONGEST_NAME = 63;

/** The record's tables, as the migrator names them. */
export function recordNames(table = "migrations"): { record: string; floor: string } {
  const floor = `${table}_floor`;
  if (Buffer.byteLength(floor) <= LONGEST_NAME) return { record: table, floor };
  const tail = `_${createHash("sha256").update(floor).digest("hex").slice(0, 8)}_floor`;
  const letters = [...table];
  while (Buffer.byteLength(letters.join("") + tail) > LONGEST_NAME) letters.pop();
  return { record: table, floor: letters.join("") + tail };
}

interface Found {
  readonly schemas: readonly string[];
  /** Of the table with the record's name. */
  readonly columns: readonly string[] | null;
  readonly floor: boolean;
  readonly tables: number;
  readonly records: readonly string[] | null;
}

/**
 * Why the record cannot be read, in a sentence; undefined where nothing is there at all, as before a first install. The
 * gate waits on in every case: a first migration may be about to make it.
 */
export async function explainMissing(client: pg.Client, options: SchemaOptions): Promise<string | undefined> {
  const { record, floor } = recordNames(options.recordTable);
  const { rows } = await client.query<Found>(FIND, [options.recordSchema ?? null, record, floor, OTHERS]);
  const [found] = rows;
  if (found === undefined) return undefined;
  const schema = options.recordSchema ?? found.schemas[0] ?? "";
  if (found.columns !== null) {
    const missing = ["id", "timestamp", "name"].filter((column) => !found.columns?.includes(column));
    if (missing.length > 0) {
      return `${schema}.${record} is another tool's (its columns are ${found.columns.join(", ")}): the record needs a name of its own, for the migrator and for --record-table`;
    }
    return found.floor
      ? undefined
      : `${schema}.${record} is there, but ${floor} is not, which the migrator makes beside it`;
  }
  if (found.tables === 0 && found.records === null) return undefined;
  const holds = `the schema ${found.schemas.join(", ")} holds ${found.tables} table${found.tables === 1 ? "" : "s"}`;
  const alike =
    found.records === null
      ? "no table looks like a record of another name"
      : `tables that look like a record: ${found.records.join(", ")} (--record-table and --record-schema name it)`;
  return `there is no record at ${schema}.${record}, and yet ${holds}; ${alike}. The migrator refuses that with 21; its baseline is the way on`;
}

/** Records of other tools, by the table's name in lower case. */
const OTHERS = [
  ...[
    "_prisma_migrations",
    "__drizzle_migrations",
    "alembic_version",
    "atlas_schema_revisions",
    "databasechangelog",
  ],
  ...[
    "django_migrations",
    "flyway_schema_history",
    "goose_db_version",
    "knex_migrations",
    "kysely_migration",
  ],
  ...[
    "migrations",
    "mikro_orm_migrations",
    "pgmigrations",
    "schema_migrations",
    "schema_version",
    "sequelizemeta",
  ],
];

const FIND = `
WITH place AS (
  SELECT CASE WHEN $1::text IS NULL THEN current_schemas(false)::text[] ELSE ARRAY[$1] END AS schemas
), relation AS (
  SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind,
         ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), near AS (SELECT * FROM relation WHERE schema = ANY ((SELECT schemas FROM place)::text[]))
SELECT (SELECT schemas FROM place) AS schemas,
       (SELECT columns FROM near WHERE name = $2 ORDER BY array_position((SELECT schemas FROM place), schema) LIMIT 1) AS columns,
       EXISTS (SELECT FROM near WHERE name = $3) AS floor,
       (SELECT count(*)::int FROM near WHERE name NOT IN ('typeorm_metadata', $2, $3)) AS tables,
       (SELECT array_agg(schema || '.' || name ORDER BY schema, name) FROM (
          SELECT schema, name FROM relation
           WHERE relkind IN ('r', 'p') AND (lower(name) = ANY ($4) OR columns @> '{id,timestamp,name}' AND columns <@ '{id,timestamp,name}')
           ORDER BY schema, name LIMIT 10) AS alike) AS records`;
