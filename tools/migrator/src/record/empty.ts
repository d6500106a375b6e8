import type { Sql } from "../database/session.ts";
import type { RecordTables } from "./tables.ts";

/**
 * A row of the detail that belongs to no migration. It says that nothing is recorded because nothing is applied, whatever
 * else stands in the schema: somebody said so (`baseline --none`), or the last migration was reverted by us. A table that
 * is empty says nothing: so is one whose rows a dump left out.
 */
const marker = "(nothing is applied)";

export async function saidToBeEmpty(sql: Sql, { detail }: RecordTables): Promise<boolean> {
  const rows = await sql(`SELECT 1 FROM ${detail} WHERE name = $1`, [marker]);
  return rows.length > 0;
}

/** Call it in the transaction that leaves the record empty; where it is not empty nothing happens. */
export async function sayEmpty(sql: Sql, { migrations, detail }: RecordTables): Promise<void> {
  await sql(
    `INSERT INTO ${detail} (name, checksum, phase, applied_at)
     SELECT $1, '', 'none', now() WHERE NOT EXISTS (SELECT FROM ${migrations}) ON CONFLICT (name) DO NOTHING`,
    [marker],
  );
}
