import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { LoadedMigration, ManifestEntry } from "../migrations/types.ts";
import type { AppliedMigration, MigrationRecord } from "./read.ts";
import { literal, type RecordTables } from "./tables.ts";

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
  tables: Pick<RecordTables, "migrations" | "detail">,
): Assessment<M> {
  const known = new Map(local.map((migration) => [migration.name, migration]));
  const recorded = new Map(record.applied.map((row) => [row.name, row]));
  const level = local.at(-1)?.timestamp ?? 0;
  const unknown = record.applied.filter((row) => !known.has(row.name));
  const pending = local.filter((migration) => !recorded.has(migration.name));
  return {
    pending,
    unadopted: local.filter((migration) => {
      const row = recorded.get(migration.name);
      return row !== undefined && row.checksum === undefined;
    }),
    newer: unknown.filter((row) => row.timestamp > level),
    problems: [
      ...floorAbove(record, level),
      ...recordedTwice(record.applied, tables),
      ...unknown.filter((row) => row.timestamp <= level).map((row) => unknownEarlier(row, tables)),
      ...local.flatMap((migration) => edited(migration, recorded.get(migration.name), tables)),
      ...pending.flatMap((migration) => outOfOrder(migration, record.applied)),
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

function recordedTwice(applied: readonly AppliedMigration[], tables: Pick<RecordTables, "migrations">) {
  return applied
    .filter((row, index) => applied.findIndex((other) => other.name === row.name) !== index)
    .map((row) =>
      mismatch(row.name, `${row.name} is recorded more than once in ${tables.migrations}.`, {
        next: "Two tools applied it at once. Check the schema, then delete the row with the higher id.",
      }),
    );
}

const unknownEarlier = (row: AppliedMigration, tables: RecordedIn) =>
  mismatch(
    row.name,
    `${row.name} is applied in the database but is not among these migrations, though later ones are.`,
    {
      next: `Put its file back, or, if it was withdrawn on purpose and its change undone, run: DELETE FROM ${tables.migrations} WHERE name = '${literal(row.name)}';`,
    },
  );

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

type RecordedIn = Pick<RecordTables, "migrations" | "detail">;

const mismatch = (migration: string, message: string, options: { next: string }) =>
  new MigratorError(ExitCode.RecordMismatch, message, { ...options, facts: { migration } });
