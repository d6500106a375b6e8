import type { Sql } from "../database/session.ts";
import type { MigratorError } from "../errors.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { saidToBeEmpty } from "./empty.ts";
import { standingFloor } from "./floor.ts";
import { type Around, type Occupied, objectsAround, occupied } from "./occupied.ts";
import { findRecords, type RecordLike } from "./record-like.ts";
import { readShape } from "./shape.ts";
import type { RecordTables } from "./tables.ts";
import { readUnfinished, type Unfinished } from "./unfinished.ts";

export interface AppliedMigration {
  name: string;
  timestamp: number;
  /** Undefined where TypeORM's CLI applied it and no migrator has adopted it yet. */
  checksum: string | undefined;
  appliedAt: string | undefined;
  durationMs: number | undefined;
  /** The migration that took its place; it is history, and no file of it is asked for. */
  squashedInto?: string | undefined;
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
  /** Nothing is recorded, and nothing is there besides: no code can be using anything. */
  fresh: boolean;
  /** Why what has the record's name is not the record. */
  strange: MigratorError | undefined;
  /** That nothing is recorded was said on purpose. */
  saidToBeEmpty: boolean;
  /** Nothing is recorded, nobody said that this is right, and yet something is there. */
  occupied: Occupied | undefined;
  /** Where none of these migrations is recorded, but others are: further tables that look like a record. */
  others: RecordLike[];
}

/** Reads what the database says is applied. Where that is nothing, also whether anything is there all the same. */
export async function readRecord(
  around: Around,
  tables: RecordTables,
  local: readonly LoadedMigration[],
  again = true,
): Promise<MigrationRecord> {
  const { sql } = around;
  const there = await readShape(sql, tables);
  if (there.strange) return { ...nothing, strange: there.strange };
  const applied = there.migrations ? await readApplied(sql, tables, there.detail) : [];
  const [floor] = there.floor
    ? await sql<{ floor: string; contract: string; state: Floor["state"] }>(
        `SELECT floor, contract, state FROM ${tables.floor}`,
      )
    : [];
  const { complete } = there;
  const written = floor && { ...floor, floor: Number(floor.floor) };
  const unfinished = there.migrations && there.unfinished ? await readUnfinished(sql, tables) : [];
  const objects = applied.length === 0 ? await objectsAround(around, tables, local) : [];
  const names = local.map(({ name }) => name);
  const said = there.detail && applied.length === 0 && (await saidToBeEmpty(sql, tables));
  const begun = said || unfinished.length > 0;
  const found = begun
    ? undefined
    : await occupied(sql, tables, objects, { recordIsThere: there.migrations, names });
  // A migrator at work may have committed its first migration between the two looks.
  if (found !== undefined && again) return readRecord(around, tables, local, false);
  const foreign = applied.length > 0 && !applied.some(({ name }) => names.includes(name));
  return {
    complete,
    applied,
    floor: complete ? await standingFloor(sql, tables, written) : written,
    unfinished,
    fresh: applied.length === 0 && objects.length === 0,
    strange: undefined,
    saidToBeEmpty: said,
    occupied: found,
    others: foreign ? await findRecords(sql, tables, [tables.schema], names) : [],
  };
}

const nothing: MigrationRecord = {
  complete: false,
  applied: [],
  floor: undefined,
  unfinished: [],
  fresh: false,
  strange: undefined,
  saidToBeEmpty: false,
  occupied: undefined,
  others: [],
};

async function readApplied(sql: Sql, tables: RecordTables, detail: boolean): Promise<AppliedMigration[]> {
  const rows = await sql<{
    name: string;
    timestamp: string;
    checksum: string | null;
    applied_at: Date | null;
    duration_ms: number | null;
    squashed_into: string | null;
  }>(
    // A baseline adds that column when it is first needed.
    detail
      ? `SELECT m.name, m."timestamp", NULLIF(d.checksum, '') AS checksum, d.applied_at, d.duration_ms,
                to_jsonb(d) ->> 'squashed_into' AS squashed_into
           FROM ${tables.migrations} m LEFT JOIN ${tables.detail} d ON d.name = m.name
          ORDER BY m."timestamp", m.id`
      : `SELECT name, "timestamp", NULL AS checksum, NULL AS applied_at, NULL AS duration_ms, NULL AS squashed_into
           FROM ${tables.migrations} ORDER BY "timestamp", id`,
  );
  return rows.map((row) => ({
    name: row.name,
    timestamp: Number(row.timestamp),
    checksum: row.checksum ?? undefined,
    appliedAt: row.applied_at?.toISOString(),
    durationMs: row.duration_ms ?? undefined,
    ...(row.squashed_into !== null && { squashedInto: row.squashed_into }),
  }));
}
