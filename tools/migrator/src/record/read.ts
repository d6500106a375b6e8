import type { Sql } from "../database/session.ts";
import { standingFloor } from "./floor.ts";
import { quote, type RecordTables, tableNames } from "./tables.ts";
import { readUnfinished, type Unfinished } from "./unfinished.ts";

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
  /** What runs outside a transaction and was begun, in order. */
  unfinished: Unfinished[];
  /** Nothing is recorded, and there is no table besides: no code can be using anything. */
  fresh: boolean;
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
  const complete = [...tableNames, needsColumn].every((name) => there.has(name));
  const written = floor && { ...floor, floor: Number(floor.floor) };
  return {
    complete,
    applied,
    floor: complete ? await standingFloor(sql, tables, written) : written,
    unfinished:
      there.has("migrations") && there.has("migrations_unfinished") ? await readUnfinished(sql, tables) : [],
    fresh: applied.length === 0 && !(await populated(sql, tables.schema)),
  };
}

/** Whether there are tables, or what is read like one, that are neither the record's nor an extension's. */
async function populated(sql: Sql, schema: string): Promise<boolean> {
  const found = await sql(
    `SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> ALL ($2)
        AND NOT EXISTS (SELECT FROM pg_depend d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      LIMIT 1`,
    [schema, tableNames],
  );
  return found.length > 0;
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
