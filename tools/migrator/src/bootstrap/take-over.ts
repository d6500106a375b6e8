import type pg from "pg";
import type { Log } from "../log.ts";
import { quote } from "../record/tables.ts";
import type { Names } from "./names.ts";

/**
 * Before a database that others use is closed to PUBLIC: every role that can log in and could connect, or make temporary
 * tables, gets that right by name. In one transaction, so that there is no moment without it.
 */
export async function closeToPublic(client: pg.Client, { migrator, app }: Names, log: Log): Promise<void> {
  const database = quote(migrator.database);
  await client.query("BEGIN");
  const { rows } = await client.query<{ role: string; rights: string }>(
    `SELECT r.rolname AS role, concat_ws(', ', 'CONNECT', CASE WHEN has_database_privilege(r.oid, d.oid, 'TEMP') THEN 'TEMPORARY' END) AS rights
       FROM pg_roles r, pg_database d
      WHERE d.datname = $1 AND r.rolcanlogin AND NOT r.rolsuper AND r.oid <> d.datdba AND r.rolname <> $2
        AND has_database_privilege(r.oid, d.oid, 'CONNECT')
        AND (has_database_privilege('public', d.oid, 'CONNECT') OR has_database_privilege('public', d.oid, 'TEMP'))
      ORDER BY 1`,
    [migrator.database, migrator.user],
  );
  for (const { role, rights } of rows) {
    await client.query(`GRANT ${rights} ON DATABASE ${database} TO ${quote(role)}`);
  }
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${quote(app.user)}`);
  await client.query("COMMIT");
  const roles = rows.map(({ role }) => role).filter((role) => role !== app.user);
  if (roles.length > 0) {
    log.warn({ roles }, `these roles could connect to ${migrator.database} as PUBLIC, and now can by name`);
  }
}

/** What is left with others: the migrator cannot change it, and its owner can. */
export async function warnOfOwners(client: pg.Client, { migrator, schema }: Names, log: Log): Promise<void> {
  const { rows } = await client.query<{ owner: string; objects: number }>(
    `SELECT r.rolname AS owner, count(*)::int AS objects
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND r.rolname <> $2
        AND NOT EXISTS (SELECT FROM pg_depend d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'a', 'i'))
      GROUP BY 1 ORDER BY 1`,
    [schema, migrator.user],
  );
  for (const { owner, objects } of rows) {
    log.warn(
      { owner, objects },
      `${objects} tables, views or sequences in ${schema} still belong to ${owner}, so ${migrator.user} cannot change them and ${owner} can. In this database run: REASSIGN OWNED BY ${quote(owner)} TO ${quote(migrator.user)} (it hands over other databases of that role, too)`,
    );
  }
}
