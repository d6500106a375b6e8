import type { Session, Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import type { RecordTables } from "../record/tables.ts";
import { connectShadow } from "./connect.ts";
import { type Definition, readDefinitions } from "./definitions.ts";
import { type Difference, differencesBetween } from "./differences.ts";
import { withShadow } from "./open.ts";
import { rehearse } from "./rehearse.ts";
import { NoScratch } from "./scratch.ts";
import { readSurroundings } from "./surroundings.ts";

/** Whether the database is what these migrations make of an empty one. */
export type Verification =
  | { state: "matches"; shadow: string }
  | { state: "differs"; shadow: string; differences: Difference[]; note?: string }
  /** The migrations do not run on an empty database. */
  | { state: "fails"; reason: string }
  /** There was no database to run them on. */
  | { state: "not checked"; reason: string };

export interface VerifyOptions {
  tables: RecordTables;
  migrations: readonly LoadedMigration[];
  /** Where migrations work in the real database. */
  schemas: readonly string[];
  /** `schema.table` of what is no part of the schema. */
  leftOut: readonly string[];
  shadow: string | undefined;
}

/** Runs the migrations on a shadow database and compares what the catalogs define. The real one is only read. */
export async function verify(
  session: Session,
  { tables, migrations, schemas, leftOut, shadow }: VerifyOptions,
  log: Log,
  signal: AbortSignal,
): Promise<Verification> {
  const surroundings = await readSurroundings(session);
  try {
    return await withShadow(shadow, surroundings, async ({ url, description, version }) => {
      const { schema, table } = tables;
      const rehearsal = { url, schema, recordTable: table, base: migrations, pending: [] };
      try {
        await rehearse(rehearsal, log, signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof MigratorError)) throw error;
        return { state: "fails", reason: error.message };
      }
      const expected = await definitionsAt(url, leftOut);
      const where = new Set([...schemas, ...expected.map((one) => one.schema)]);
      const found = await definitionsOf(session, leftOut);
      const differences = differencesBetween(
        expected,
        found.definitions.filter((one) => where.has(one.schema)),
      );
      if (differences.length === 0) return { state: "matches", shadow: description };
      const other = major(version) !== major(found.version);
      const note = `The shadow is PostgreSQL ${version}, the database ${found.version}: some definitions may only be written differently.`;
      return { state: "differs", shadow: description, differences, ...(other && { note }) };
    });
  } catch (error) {
    if (shadow === undefined && error instanceof NoScratch)
      return { state: "not checked", reason: error.message };
    throw error;
  }
}

const major = (version: string) => version.split(/[.\s]/)[0];

async function definitionsAt(url: string, leftOut: readonly string[]): Promise<Definition[]> {
  const shadow = await connectShadow(url);
  try {
    await shadow.sql(unqualifiedNothing);
    return await readDefinitions(shadow.sql, leftOut);
  } finally {
    await shadow.end();
  }
}

async function definitionsOf({ runner, sql }: Session, leftOut: readonly string[]) {
  await runner.startTransaction();
  try {
    await sql(unqualifiedNothing.replace("SET", "SET LOCAL"));
    return { definitions: await readDefinitions(sql, leftOut), version: await versionOf(sql) };
  } finally {
    await runner.rollbackTransaction();
  }
}

/** Then PostgreSQL writes every name with its schema. */
const unqualifiedNothing = "SET search_path = ''";

async function versionOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ server_version: string }>("SHOW server_version");
  return row?.server_version.split(" ")[0] ?? "";
}
