import type { Sql } from "../database/session.ts";
import { quote, type RecordTables, tableNames } from "./tables.ts";

export interface AppliedMigration {
  name: string;
  timestamp: number;
  /** Undefined where TypeORM's CLI applied it and no migrator has adopted it yet. */
  checksum: string | undefined;
  appliedAt: string | undefined;
  durationMs: number | undefined;
}

export interface Floor {
  floor: number;
  contract: string;
  state: "proposed" | "final";
}

export interface MigrationRecord {
  /** False until every table of the record is there, with every column. */
  complete: boolean;
  applied: AppliedMigration[];
  floor: Floor | undefined;
}

/** Reads what the database says is applied. Missing tables mean that nothing is. */
export async function readRecord(sql: Sql, tables: RecordTables): Promise<MigrationRecord> {
  const there = await existing(sql, tables.schema);
  const applied = there.has("migrations")
    ? await readApplied(sql, tables, there.has("migrations_detail"))
    : [];
  const [floor] = there.has("migrations_floor")
    ? await sql<{ floor: string; contract: string; state: Floor["state"] }>(
        `SELECT floor, contract, state FROM ${tables.floor}`,
      )
    : [];
  return {
    complete: [...tableNames, needsColumn].every((name) => there.has(name)),
    applied,
    floor: floor && { ...floor, floor: Number(floor.floor) },
  };
}

/** Added to an existing table: earlier migrators created it without. */
const needsColumn = "migrations_detail.needs";

async function existing(sql: Sql, schema: string): Promise<Set<string>> {
  const rows = await sql<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass($2 || '.' || name) IS NOT NULL
     UNION ALL
     SELECT $3 FROM pg_attribute
      WHERE attrelid = to_regclass($2 || '.migrations_detail') AND attname = 'needs'`,
    [tableNames, quote(schema), needsColumn],
  );
  return new Set(rows.map((row) => row.name));
}

async function readApplied(sql: Sql, tables: RecordTables, detail: boolean): Promise<AppliedMigration[]> {
  const rows = await sql<{
    name: string;
    timestamp: string;
    checksum: string | null;
    applied_at: Date | null;
    duration_ms: number | null;
  }>(
    detail
      ? `SELECT m.name, m."timestamp", d.checksum, d.applied_at, d.duration_ms
           FROM ${tables.migrations} m LEFT JOIN ${tables.detail} d ON d.name = m.name
          ORDER BY m."timestamp", m.id`
      : `SELECT name, "timestamp", NULL AS checksum, NULL AS applied_at, NULL AS duration_ms
           FROM ${tables.migrations} ORDER BY "timestamp", id`,
  );
  return rows.map((row) => ({
    name: row.name,
    timestamp: Number(row.timestamp),
    checksum: row.checksum ?? undefined,
    appliedAt: row.applied_at?.toISOString(),
    durationMs: row.duration_ms ?? undefined,
  }));
}
