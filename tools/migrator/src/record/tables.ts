import type { Sql } from "../database/session.ts";
import { derivedName } from "../online/ddl/names.ts";

export const defaultRecordTable = "migrations";

/** The record: TypeORM's own table, which stays the truth of what is applied, and ours beside it, named after it. */
export interface RecordTables {
  schema: string;
  /** Name of TypeORM's table. */
  table: string;
  /** All of them, as the catalog has them. */
  names: readonly string[];
  // Qualified and quoted: a migration that changes search_path does not move the record.
  migrations: string;
  detail: string;
  floor: string;
  backfill: string;
  unfinished: string;
}

export function recordTables(schema: string, table: string = defaultRecordTable): RecordTables {
  // Two long names stay two: a derived one that is too long is cut and gets a hash.
  const beside = (part: string) => derivedName([table], part);
  const names = [table, ...["detail", "floor", "backfill", "unfinished"].map(beside)];
  const [migrations = "", detail = "", floor = "", backfill = "", unfinished = ""] = names.map(
    (name) => `${quote(schema)}.${quote(name)}`,
  );
  return { schema, table, names, migrations, detail, floor, backfill, unfinished };
}

/** Whether a name, as PostgreSQL writes it, is that of one of the record's tables. */
export function isRecord({ schema, names }: RecordTables): (relation: string) => boolean {
  const plain = (text: string) => text.replaceAll('"', "");
  const ours = new Set(names.flatMap((name) => [name, `${schema}.${name}`].map(plain)));
  return (relation) => ours.has(plain(relation));
}

export const literal = (text: string) => text.replaceAll("'", "''");

export const quote = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;

/**
 * Creates what is missing. `needs` is what a contract step needs all that is alive to know: the floor can be worked
 * out again from it, also by a release that does not know the step. The first table is, column for column, the one TypeORM would create, so its CLI can be
 * used before and after.
 */
export async function createRecordTables(sql: Sql, tables: RecordTables): Promise<void> {
  await sql(`
    CREATE TABLE IF NOT EXISTS ${tables.migrations} (
      "id" serial PRIMARY KEY,
      "timestamp" bigint NOT NULL,
      "name" character varying NOT NULL
    );
    CREATE TABLE IF NOT EXISTS ${tables.detail} (
      name text PRIMARY KEY,
      checksum text NOT NULL,
      phase text NOT NULL,
      applied_at timestamptz,
      duration_ms integer,
      needs bigint
    );
    ALTER TABLE ${tables.detail} ADD COLUMN IF NOT EXISTS needs bigint;
    CREATE TABLE IF NOT EXISTS ${tables.floor} (
      floor bigint NOT NULL,
      contract text NOT NULL,
      state text NOT NULL CHECK (state IN ('proposed', 'final'))
    );
    CREATE UNIQUE INDEX IF NOT EXISTS ${quote(derivedName([tables.table], "floor_one_row"))} ON ${tables.floor} ((true));
    CREATE TABLE IF NOT EXISTS ${tables.backfill} (
      name text PRIMARY KEY,
      "cursor" jsonb,
      rows_done bigint NOT NULL DEFAULT 0,
      estimate bigint,
      state text NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE IF NOT EXISTS ${tables.unfinished} (
      name text PRIMARY KEY,
      "timestamp" bigint NOT NULL,
      direction text NOT NULL CHECK (direction IN ('up', 'down')),
      started_at timestamptz NOT NULL DEFAULT now(),
      progress jsonb
    );`);
}
