import { MigratorError } from "../errors.ts";
import { applyMigration, type Execution } from "../execute/apply.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { recordApplied } from "../record/write.ts";

/**
 * Runs a migration a second time without its record, which is what a crash before the record was written leads to.
 * Returns why that is not the same as running it once; undefined when it is.
 */
export async function runAgain(
  execution: Execution,
  migration: LoadedMigration,
): Promise<string | undefined> {
  const { session, tables } = execution;
  const before = await countRows(execution);
  await session.sql(`DELETE FROM ${tables.migrations} WHERE name = $1`, [migration.name]);
  try {
    await applyMigration(execution, migration);
  } catch (error) {
    if (!(error instanceof MigratorError)) throw error;
    await recordApplied(session.sql, tables, migration, 0);
    return error.message;
  }
  const after = await countRows(execution);
  const grown = [...after]
    .filter(([table, rows]) => rows !== (before.get(table) ?? "0"))
    .map(([table]) => table);
  return grown.length === 0 ? undefined : `${grown.join(" and ")} had other rows after the second run`;
}

async function countRows({ session: { sql }, tables }: Execution): Promise<Map<string, string>> {
  const found = await sql<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT (n.nspname = $1 AND c.relname = ANY ($2))`,
    [tables.schema, tables.names],
  );
  const counts = new Map<string, string>();
  for (const { name } of found) {
    const [row] = await sql<{ rows: string }>(`SELECT count(*)::text AS rows FROM ${name}`);
    counts.set(name, row?.rows ?? "0");
  }
  return counts;
}
