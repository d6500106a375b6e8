import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { LoadedMigration, ManifestEntry } from "../migrations/types.ts";
import { likeliest, lookAlikes, naming, notFound } from "./not-found.ts";
import type { AppliedMigration, MigrationRecord } from "./read.ts";
import { defaultRecordTable, literal, type RecordTables } from "./tables.ts";

export interface Assessment<M extends ManifestEntry = LoadedMigration> {
  /** Local migrations that are not recorded, in order. */
  pending: M[];
  /** Recorded by TypeORM's CLI, without a checksum of ours. */
  unadopted: M[];
  /** Recorded, unknown here and later than all of ours: a newer release has been here. */
  newer: AppliedMigration[];
  /** Why nothing may run. */
  problems: MigratorError[];
}

/** Compares the migrations of this release with the record. Touches nothing and decides nothing but what is true. */
export function assess<M extends ManifestEntry>(
  local: readonly M[],
  record: MigrationRecord,
  tables: RecordedIn,
): Assessment<M> {
  const known = new Map(local.map((migration) => [migration.name, migration]));
  const recorded = new Map(record.applied.map((row) => [row.name, row]));
  const level = local.at(-1)?.timestamp ?? 0;
  const isHistory = (row: AppliedMigration) => row.history && !known.has(row.name);
  const applied = record.applied.filter((row) => !isHistory(row));
  const unknown = applied.filter((row) => !known.has(row.name));
  const pending = local.filter((migration) => !recorded.has(migration.name));
  return {
    pending,
    unadopted: local.filter((migration) => {
      const row = recorded.get(migration.name);
      return row !== undefined && row.checksum === undefined;
    }),
    newer: unknown.filter((row) => row.timestamp > level),
    problems: record.strange
      ? [record.strange]
      : [
          ...floorAbove(record, level),
          ...(record.occupied ? [notFound(record.occupied, tables)] : []),
          ...elsewhere(record, tables),
          ...recordedTwice(applied, tables),
          ...unknownEarlier(
            unknown.filter((row) => row.timestamp <= level),
            tables,
          ),
          ...local.flatMap((migration) => edited(migration, recorded.get(migration.name), tables)),
          ...pending.flatMap((migration) => outOfOrder(migration, applied)),
        ],
  };
}

function floorAbove({ floor }: MigrationRecord, level: number): MigratorError[] {
  // A proposed floor may be withdrawn again: its contract was not applied yet.
  if (floor?.state !== "final" || floor.floor <= level) return [];
  return [
    new MigratorError(
      ExitCode.DatabaseMovedOn,
      `The database has moved past this release: ${floor.contract} removed what releases below ${floor.floor} need, and this one is at ${level}.`,
      { next: "Deploy a release at or above that level.", facts: { migration: floor.contract } },
    ),
  ];
}

function recordedTwice(applied: readonly AppliedMigration[], tables: RecordedIn) {
  return applied
    .filter((row, index) => applied.findIndex((other) => other.name === row.name) !== index)
    .map((row) =>
      mismatch(row.name, `${row.name} is recorded more than once in ${tables.migrations}.`, {
        next: "Two tools applied it at once. Check the schema, then delete the row with the higher id.",
      }),
    );
}

/** Another service's record, or one that nobody uses any more, where the right one has another name. */
function elsewhere({ applied, others }: MigrationRecord, tables: RecordedIn): MigratorError[] {
  const right = likeliest(others);
  if (right === undefined) return [];
  return [
    new MigratorError(
      ExitCode.RecordMismatch,
      `Of the ${applied.length} migrations that ${tables.schema}.${tables.table} records none is among these. ${lookAlikes(others)}`,
      {
        next: `Name the record to every command, the gate and the chart: ${naming(right, { schema: tables.schema, table: defaultRecordTable })} (RECORD_SCHEMA, RECORD_TABLE).`,
        facts: { records: others },
      },
    ),
  ];
}

function unknownEarlier(rows: readonly AppliedMigration[], tables: RecordedIn): MigratorError[] {
  const [first] = rows;
  if (first === undefined) return [];
  if (rows.length === 1) {
    return [
      mismatch(
        first.name,
        `${first.name} is applied in the database but is not among these migrations, though later ones are.`,
        {
          next: `Put its file back; if these migrations make its change as well (a squashed history): migrator baseline; or, if it was withdrawn on purpose and its change undone, run: DELETE FROM ${tables.migrations} WHERE name = '${literal(first.name)}';`,
        },
      ),
    ];
  }
  const named = rows.slice(0, 3).map(({ name }) => name);
  return [
    mismatch(
      first.name,
      `${rows.length} migrations are applied in the database but are not among these, though later ones are: ${named.join(", ")}${rows.length > named.length ? ", …" : ""}.`,
      {
        next: "Put their files back; or, if these migrations make their changes as well (a squashed history): migrator baseline, which keeps them as history.",
      },
      { migrations: rows.map(({ name }) => name) },
    ),
  ];
}

function edited(migration: ManifestEntry, row: AppliedMigration | undefined, tables: RecordedIn) {
  if (row?.checksum === undefined || row.checksum === migration.sha256) return [];
  return [
    mismatch(
      migration.name,
      `${migration.name} was edited after it had been applied (recorded ${row.checksum.slice(0, 12)}, now ${migration.sha256.slice(0, 12)}).`,
      {
        next: `Put the file back and write a new migration. If the edit changes nothing that runs (a comment), accept it: UPDATE ${tables.detail} SET checksum = '${migration.sha256}' WHERE name = '${literal(migration.name)}';`,
      },
    ),
  ];
}

function outOfOrder(migration: ManifestEntry, applied: readonly AppliedMigration[]) {
  const later = applied.findLast((row) => row.timestamp >= migration.timestamp);
  if (later === undefined) return [];
  return [
    mismatch(migration.name, `${migration.name} is not applied, but the later ${later.name} is.`, {
      next: "Give it a timestamp after the last applied migration (rename the class) and build again.",
    }),
  ];
}

type RecordedIn = Pick<RecordTables, "schema" | "table" | "migrations" | "detail">;

const mismatch = (migration: string, message: string, options: { next: string }, facts: object = {}) =>
  new MigratorError(ExitCode.RecordMismatch, message, { ...options, facts: { migration, ...facts } });
