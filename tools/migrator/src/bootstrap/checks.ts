import type pg from "pg";
import { type Names, refused } from "./names.ts";

/** What there is before anything is changed. */
export interface Before {
  superuser: boolean;
  /** Undefined where the database is still to be made. */
  owner: string | undefined;
}

/** Looks at roles and database, and refuses what would hand somebody's database over, or the migrator's rights to the application. */
export async function checkServer(client: pg.Client, names: Names, takeOver: boolean): Promise<Before> {
  const { migrator, app } = names;
  const { rows } = await client.query<Before & { user: string; template: boolean | null }>(
    `SELECT r.rolname AS user, r.rolsuper AS superuser, pg_get_userbyid(d.datdba) AS owner, d.datistemplate AS template
       FROM pg_roles r LEFT JOIN pg_database d ON d.datname = $1
      WHERE r.rolname = current_user`,
    [migrator.database],
  );
  const [found] = rows;
  if (found === undefined) throw new Error("the administrator's role is gone");
  const { user, superuser, template } = found;
  const owner = found.owner ?? undefined;
  if ([migrator.user, app.user].includes(user)) {
    throw refused(
      `${user} is the administrator in DATABASE_URL as well.`,
      "Give the migrator and the application roles of their own.",
    );
  }
  if (template) {
    throw refused(
      `The database ${migrator.database} is a template: new databases are made from it.`,
      "Choose another name.",
    );
  }
  const rights = await excess(client, names);
  if (rights !== undefined) {
    throw refused(
      `${app.user} would be the application's role, but ${rights}: it could do whatever the migrator may.`,
      "Give the application a role of its own, or take that right from it.",
    );
  }
  if (owner !== undefined && owner !== migrator.user && !takeOver) {
    throw refused(
      `The database ${migrator.database} is there and belongs to ${owner}.`,
      `Nothing was changed. Name another database, or run bootstrap --take-over: ${migrator.user} becomes its owner, and who could connect still can.`,
    );
  }
  return { superuser, owner };
}

/** What the application's role may do too much; undefined where it is still to be made. */
async function excess(client: pg.Client, { migrator, app }: Names): Promise<string | undefined> {
  const { rows } = await client.query<{ why: string | null }>(
    `SELECT coalesce(
       CASE WHEN a.rolsuper THEN 'it is a superuser' END,
       CASE WHEN a.rolcreaterole THEN 'it may create roles, and give them to itself (CREATEROLE)' END,
       (SELECT format('it is a member of %s%s', m.rolname, CASE WHEN m.rolsuper THEN ', a superuser' WHEN m.rolcreaterole THEN ', which may create roles' END)
          FROM pg_roles m
         WHERE m.oid <> a.oid AND pg_has_role(a.oid, m.oid, 'MEMBER')
           AND (m.rolsuper OR m.rolcreaterole OR m.rolname = $2 OR m.rolname IN
                ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files', 'pg_write_all_data'))
         ORDER BY m.rolsuper DESC, m.rolname LIMIT 1)) AS why
       FROM pg_roles a WHERE a.rolname = $1`,
    [app.user, migrator.user],
  );
  return rows[0]?.why ?? undefined;
}

/** In the database: the application must not own what it is to live in. */
export async function checkSchema(
  client: pg.Client,
  { schema, app }: Names,
  takeOver: boolean,
): Promise<void> {
  const { rows } = await client.query<{ owner: string }>(
    "SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  if (rows[0]?.owner !== app.user || takeOver) return;
  throw refused(
    `The schema ${schema} belongs to ${app.user}, the application's role, which could change it.`,
    "Nothing was changed. Give the application a role of its own, or run bootstrap --take-over, which makes the schema the migrator's.",
  );
}
