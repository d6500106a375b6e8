import type { Sql } from "../database/session.ts";
import type { MigratorError } from "../errors.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { standingFloor } from "./floor.ts";
import { history, saidToBeEmpty } from "./notes.ts";
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
  /** A baseline says that no file of it is asked for any more. */
  history: boolean;
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
  looks = 3,
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
  // A migrator at work may have committed its first migration, or the end of one outside a transaction, between two of these
  // questions; both leave something that the next look sees.
  if (found !== undefined && looks > 1) return readRecord(around, tables, local, looks - 1);
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
    history: boolean;
  }>(
    detail
      ? `SELECT m.name, m."timestamp", d.checksum, d.applied_at, d.duration_ms,
                EXISTS (SELECT FROM ${tables.detail} h WHERE h.name = '${history}' || m.name) AS history
           FROM ${tables.migrations} m LEFT JOIN ${tables.detail} d ON d.name = m.name
          ORDER BY m."timestamp", m.id`
      : `SELECT name, "timestamp", NULL AS checksum, NULL AS applied_at, NULL AS duration_ms, false AS history
           FROM ${tables.migrations} ORDER BY "timestamp", id`,
  );
  return rows.map((row) => ({
    name: row.name,
    timestamp: Number(row.timestamp),
    checksum: row.checksum ?? undefined,
    appliedAt: row.applied_at?.toISOString(),
    durationMs: row.duration_ms ?? undefined,
    history: row.history,
  }));
}
