import type { Sql } from "../database/session.ts";

/** The record: TypeORM's own table, which stays the truth of what is applied, and ours beside it. */
export const tableNames = [
  "migrations",
  "migrations_detail",
  "migrations_floor",
  "migrations_backfill",
  "migrations_unfinished",
] as const;

export interface RecordTables {
  schema: string;
  migrations: string;
  detail: string;
  floor: string;
  backfill: string;
  unfinished: string;
}

/** Qualified and quoted: a migration that changes search_path does not move the record. */
export function recordTables(schema: string): RecordTables {
  const name = (table: string) => `${quote(schema)}.${quote(table)}`;
  return {
    schema,
    migrations: name("migrations"),
    detail: name("migrations_detail"),
    floor: name("migrations_floor"),
    backfill: name("migrations_backfill"),
    unfinished: name("migrations_unfinished"),
  };
}

/** Whether a name, as PostgreSQL writes it, is that of one of the record's tables. */
export function isRecord(schema: string): (relation: string) => boolean {
  const names = new Set(tableNames.flatMap((name) => [name, `${schema}.${name}`]));
  return (relation) => names.has(relation.replaceAll('"', ""));
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
    CREATE UNIQUE INDEX IF NOT EXISTS migrations_floor_one_row ON ${tables.floor} ((true));
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
