import type { Sql } from "../database/session.ts";
import type { RecordTables } from "./tables.ts";

/**
 * Rows of the detail that belong to no migration: what somebody said of the record. No migrator of an earlier version
 * looks at them, since no class can have such a name.
 */

/**
 * Nothing is recorded because nothing is applied, whatever else stands in the schema: somebody said so (`baseline
 * --none`), or the last migration was reverted by us. A table that is empty says nothing: so is one whose rows a dump
 * left out.
 */
const empty = "(nothing is applied)";

/** Before the name of a migration that is recorded, has no file any more, and is asked for by older releases. */
export const history = "(history) ";

export async function saidToBeEmpty(sql: Sql, { detail }: RecordTables): Promise<boolean> {
  const rows = await sql(`SELECT 1 FROM ${detail} WHERE name = $1`, [empty]);
  return rows.length > 0;
}

/** Call it in the transaction that leaves the record empty; where it is not empty nothing happens. */
export async function sayEmpty(sql: Sql, { migrations, detail }: RecordTables): Promise<void> {
  await sql(
    `INSERT INTO ${detail} (name, checksum, phase, applied_at)
     SELECT $1, '', '', now() WHERE NOT EXISTS (SELECT FROM ${migrations}) ON CONFLICT (name) DO NOTHING`,
    [empty],
  );
}

export async function keepAsHistory(
  sql: Sql,
  { detail }: RecordTables,
  migrations: readonly string[],
): Promise<void> {
  await sql(
    `INSERT INTO ${detail} (name, checksum, phase, applied_at)
     SELECT $1 || name, '', '', now() FROM unnest($2::text[]) AS name ON CONFLICT (name) DO NOTHING`,
    [history, migrations],
  );
}
