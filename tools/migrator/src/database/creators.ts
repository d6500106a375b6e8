import type { Log } from "../log.ts";
import { quote } from "../record/tables.ts";
import type { Session } from "./session.ts";

/**
 * Says where others may create what a migration's own statements can find by name, and run as the migrator: an operator
 * or function that fits better than PostgreSQL's. Databases made before PostgreSQL 15 let everybody create in public.
 */
export async function warnOfCreators(
  { sql, searchPath }: Session,
  readers: readonly string[],
  log: Log,
): Promise<void> {
  const rows = await sql<{ schema: string; everybody: boolean; roles: string[] }>(
    `SELECT n.nspname AS schema, has_schema_privilege('public', n.oid, 'CREATE') AS everybody,
            ARRAY(SELECT r.rolname::text FROM pg_roles r
                   WHERE r.rolname = ANY ($2::name[]) AND has_schema_privilege(r.oid, n.oid, 'CREATE')) AS roles
       FROM pg_namespace n WHERE n.nspname = ANY ($1::name[])`,
    [searchPath, readers],
  );
  for (const { schema, everybody, roles } of rows) {
    const who = everybody ? "everybody" : roles.join(", ");
    if (who === "") continue;
    const from = everybody ? "PUBLIC" : roles.map(quote).join(", ");
    log.warn(
      { schema, roles: everybody ? ["PUBLIC"] : roles },
      `${who} may create in the schema ${schema}, which migrations search: what is put there can run as the migrator. As its owner, run: REVOKE CREATE ON SCHEMA ${quote(schema)} FROM ${from}`,
    );
  }
}
