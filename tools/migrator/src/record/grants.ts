import type { Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { quote, type RecordTables } from "./tables.ts";

/** What must be changed so that only we write the record and the readers may read it; empty when all is well. */
export async function missingGrants(
  sql: Sql,
  tables: RecordTables,
  readers: readonly string[],
): Promise<string[]> {
  const missing = await excessPrivileges(sql, tables);
  for (const reader of readers) missing.push(...(await readerGrants(sql, tables, reader)));
  return missing;
}

/**
 * Default privileges give the application every table the migrator creates, the record too. Whoever can write the
 * record can open the gate, so everything is taken back except a role's SELECT.
 */
async function excessPrivileges(sql: Sql, { schema, names, migrations }: RecordTables): Promise<string[]> {
  const rows = await sql<{ object: string; privilege: string; grantee: string | null }>(
    `SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass AS object,
            acl.privilege_type AS privilege, r.rolname AS grantee
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
      CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
       LEFT JOIN pg_roles r ON r.oid = acl.grantee
      WHERE (c.relname = ANY ($2) OR c.oid = CASE WHEN to_regclass($3) IS NOT NULL THEN pg_get_serial_sequence($3, 'id')::regclass END)
        AND acl.grantee <> c.relowner
        AND (c.relkind = 'S' OR acl.grantee = 0 OR acl.privilege_type <> 'SELECT')
        AND pg_has_role(c.relowner, 'USAGE')`,
    [schema, names, migrations],
  );
  return rows.map(
    ({ object, privilege, grantee }) =>
      `REVOKE ${privilege} ON ${object} FROM ${grantee === null ? "PUBLIC" : quote(grantee)}`,
  );
}

async function readerGrants(sql: Sql, { schema, names }: RecordTables, reader: string): Promise<string[]> {
  const roles = await sql(`SELECT 1 FROM pg_roles WHERE rolname = $1`, [reader]);
  if (roles.length === 0) {
    throw new MigratorError(
      ExitCode.Usage,
      `The reader role ${reader} does not exist in this database server.`,
      {
        next: "Create it (migrator bootstrap does) or correct --reader.",
      },
    );
  }
  const rows = await sql<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name WHERE NOT has_table_privilege($2::name, to_regclass($3 || '.' || quote_ident(name)), 'SELECT')`,
    [names, reader, quote(schema)],
  );
  const usage = await usageGrant(sql, schema, reader);
  const select = rows.map(
    ({ name }) => `GRANT SELECT ON ${quote(schema)}.${quote(name)} TO ${quote(reader)}`,
  );
  return [...usage, ...select];
}

/** Without USAGE the floor would not be refused to the application: it would not be found. */
async function usageGrant(sql: Sql, schema: string, reader: string): Promise<string[]> {
  const [row] = await sql<{ has: boolean; may: boolean }>(
    `SELECT has_schema_privilege($1, nspname, 'USAGE') AS has,
            pg_has_role(nspowner, 'USAGE') OR has_schema_privilege(nspname, 'USAGE WITH GRANT OPTION') AS may
       FROM pg_namespace WHERE nspname = $2`,
    [reader, schema],
  );
  const statement = `GRANT USAGE ON SCHEMA ${quote(schema)} TO ${quote(reader)}`;
  if (row?.has) return [];
  if (row?.may) return [statement];
  throw new MigratorError(
    ExitCode.Denied,
    `The reader role ${reader} may not use the schema ${schema}, so it could not find the floor, and we may not let it.`,
    { next: `As the schema's owner: ${statement}` },
  );
}
