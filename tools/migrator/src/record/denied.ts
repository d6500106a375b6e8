import { classify } from "../classify.ts";
import type { Session } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { missingGrants } from "./grants.ts";
import type { RecordTables } from "./tables.ts";

/**
 * What the database would refuse to who puts the record in order and applies what is pending, as far as it can be seen
 * without trying. For who only looks: `up` hears it from the database.
 */
export async function deniedBeforehand(
  { sql }: Pick<Session, "sql">,
  tables: RecordTables,
  seen: { complete: boolean; writes: boolean; readers: readonly string[] },
): Promise<MigratorError | undefined> {
  let grants: string[];
  try {
    grants = await missingGrants(sql, tables, seen.readers);
  } catch (error) {
    if (error instanceof MigratorError) return error;
    throw error;
  }
  if (seen.complete && !seen.writes && grants.length === 0) return undefined;
  const [row] = await sql<{ readOnly: boolean; create: boolean; insert: boolean }>(
    `SELECT current_setting('transaction_read_only') = 'on' AS "readOnly",
            has_schema_privilege($1, 'CREATE') AS "create",
            coalesce(has_table_privilege(to_regclass($2), 'INSERT'), true) AS "insert"`,
    [tables.schema, tables.migrations],
  );
  if (row?.readOnly) return refusal("25006", "nothing can be written in a read-only transaction");
  if (!seen.complete && !row?.create)
    return refusal("42501", `permission denied for schema ${tables.schema}`);
  return row?.insert ? undefined : refusal("42501", `permission denied for table ${tables.table}`);
}

/** In the words for what the database itself would say. */
const refusal = (code: string, message: string) => classify(Object.assign(new Error(message), { code }));
