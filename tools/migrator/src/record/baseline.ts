import type { Session } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { assess } from "./assess.ts";
import { settleFloor } from "./floor.ts";
import { missingGrants } from "./grants.ts";
import { likeliest, lookAlikes, naming } from "./not-found.ts";
import { keepAsHistory, sayEmpty } from "./notes.ts";
import type { AppliedMigration, MigrationRecord } from "./read.ts";
import { createRecordTables, defaultRecordTable, type RecordTables } from "./tables.ts";
import { adopt } from "./write.ts";

/** What a baseline says of a database. */
export interface Baseline {
  /** Applied already, and not recorded. */
  record: LoadedMigration[];
  /** Recorded, without a file, and earlier: squashed into one of ours. They stay as history. */
  old: AppliedMigration[];
  /** Nothing is applied, whatever is there. */
  none: boolean;
}

export interface BaselineChoice {
  /** Timestamp of the last migration that the schema has. */
  goal: number;
  none: boolean;
}

/** What there is to say; throws where it would be wrong, whatever the schema is like. Touches nothing. */
export function planBaseline(
  local: readonly LoadedMigration[],
  record: MigrationRecord,
  tables: RecordTables,
  { goal, none }: BaselineChoice,
): Baseline {
  if (record.strange) throw record.strange;
  refuseBesideAnother(record, tables);
  if (none) return { record: [], old: [], none: !isSaid(record, tables) };
  const recorded = new Set(record.applied.map(({ name }) => name));
  const had = local.filter(({ timestamp }) => timestamp <= goal);
  const level = local.at(-1)?.timestamp ?? 0;
  // What these migrations make is what the schema is: earlier ones without a file are in them, or undone.
  const old = record.applied.filter(
    ({ name, timestamp, history }) =>
      !history && timestamp <= level && !local.some((known) => known.name === name),
  );
  const missing = had.filter(({ name }) => !recorded.has(name));
  const applied = record.applied.filter((row) => !old.includes(row));
  const rest = { ...record, applied, occupied: undefined, others: [] };
  const names = new Set(missing.map(({ name }) => name));
  // That one of them comes before something recorded is what a baseline is there to put right.
  const problem = assess(local, rest, tables).problems.find(
    ({ facts }) => facts.migration === undefined || !names.has(facts.migration),
  );
  if (problem !== undefined) throw problem;
  return { record: missing, old, none: false };
}

function isSaid(record: MigrationRecord, { schema, table }: RecordTables): boolean {
  if (record.applied.length === 0) return record.saidToBeEmpty;
  throw new MigratorError(
    ExitCode.Usage,
    `${schema}.${table} records ${record.applied.length} migrations, so it cannot be said that none is applied.`,
    { next: "Leave --none out; migrator status shows what is recorded." },
  );
}

/** A second record beside the one that is used would hide what that one says. One of another schema may be another tenant's. */
function refuseBesideAnother(record: MigrationRecord, tables: RecordTables): void {
  const schemas = [tables.schema, ...(record.occupied?.objects ?? []).map(({ schema }) => schema)];
  const records = (record.occupied?.records ?? record.others).filter(({ schema }) =>
    schemas.includes(schema),
  );
  const right = likeliest(records);
  if (right === undefined) return;
  const current = { schema: tables.schema, table: defaultRecordTable };
  throw new MigratorError(
    ExitCode.RecordMismatch,
    `These migrations have a record already. ${lookAlikes(records)} Nothing was touched.`,
    {
      next: `Name it: ${naming(right, current)} (RECORD_SCHEMA, RECORD_TABLE). If it counts no longer, rename or drop that table first.`,
      facts: { records },
    },
  );
}

/** Writes it down in one transaction. Only for who holds the lock. */
export async function writeBaseline(
  { runner, sql, lost }: Session,
  tables: RecordTables,
  { record, old, none }: Baseline,
  options: { complete: boolean; readers: readonly string[] },
): Promise<void> {
  await runner.startTransaction();
  try {
    if (!options.complete) await createRecordTables(sql, tables);
    for (const { timestamp, name } of record)
      await sql(`INSERT INTO ${tables.migrations} ("timestamp", name) VALUES ($1, $2)`, [timestamp, name]);
    await adopt(sql, tables, record);
    await keepAsHistory(
      sql,
      tables,
      old.map(({ name }) => name),
    );
    if (none) await sayEmpty(sql, tables);
    await settleFloor(sql, tables);
    for (const statement of await missingGrants(sql, tables, options.readers)) await sql(statement);
    await runner.commitTransaction();
  } catch (error) {
    if (lost() === undefined) await runner.rollbackTransaction();
    throw error;
  }
}
