import { ownPath } from "../database/search-path.ts";
import type { Sql } from "../database/session.ts";

/**
 * As names stand in migrations: by the search_path of the role or URL, not by ours. One that leads nowhere makes the list
 * worthless (the table may have been renamed, or it is a slip of the pen), and all tables count again.
 */
export async function oidsOf(sql: Sql, names: readonly string[]): Promise<number[] | null> {
  await sql("RESET search_path");
  const rows = await sql<{ oid: number | null }>(
    "SELECT pg_catalog.to_regclass(n)::pg_catalog.oid AS oid FROM pg_catalog.unnest($1::pg_catalog.text[]) AS n",
    [names],
  );
  await sql(ownPath);
  const oids = rows.map(({ oid }) => oid).filter((oid) => oid !== null);
  return oids.length === names.length ? oids : null;
}

/**
 * `touched (oid)`: the tables of `$1` (an oid array), or without it every table that this role, the migrator's, could
 * change at all: no contract can touch another, so another service's tables in the same database do not matter. To both
 * belong the views and rules that lead to them, partitions and parents, and tables whose rows take theirs along
 * (ON DELETE SET NULL). Nothing here opens a table, so no lock is waited for.
 */
export const touched = `
  named AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE CASE WHEN $1::oid[] IS NOT NULL THEN c.oid = ANY ($1) ELSE
             c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
             AND (pg_has_role(c.relowner, 'MEMBER')
                  OR has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'))
             AND NOT EXISTS (SELECT FROM pg_depend d
                              WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') END),
  touched AS (
    SELECT oid FROM named
    UNION
    SELECT via.oid FROM touched t CROSS JOIN LATERAL (
      SELECT w.ev_class AS oid FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid
       WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
      UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = t.oid
      UNION ALL SELECT inhparent FROM pg_inherits WHERE inhrelid = t.oid
      UNION ALL SELECT confrelid FROM pg_constraint
                 WHERE conrelid = t.oid AND contype = 'f' AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd'))
    ) via)`;

/**
 * Who can write, by the catalog: common table expressions for a look at the sessions. They need `unnamed (usesysid)`, the
 * roles of the sessions that name no level, and give `judged (usesysid, may)`: what each of them may do to the tables in
 * question, in words, or NULL.
 *
 * What a role may do is asked for each role it is a member of, whether it inherits from it or would SET ROLE first;
 * PUBLIC, single columns, ownership and pg_write_all_data are in PostgreSQL's own answer. A function that runs with its
 * owner's rights may write whatever that one may.
 */
export const writers = `
${touched},
  written AS MATERIALIZED (
    SELECT c.oid, c.relowner FROM touched JOIN pg_class c USING (oid)
     WHERE c.relkind IN ('r', 'p', 'v', 'f')),
  member AS MATERIALIZED (
    SELECT u.usesysid, m.oid FROM unnamed u
      LEFT JOIN pg_roles r ON r.oid = u.usesysid
      JOIN pg_roles m ON m.oid = u.usesysid OR (NOT r.rolsuper AND pg_has_role(u.usesysid, m.oid, 'MEMBER'))),
  definer AS MATERIALIZED (
    SELECT p.oid, p.pronamespace, p.proowner FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.prosecdef AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
       AND n.nspname !~ '^(pg_|information_schema$)'
       AND NOT EXISTS (SELECT FROM pg_depend d
                        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')),
  power AS MATERIALIZED (
    SELECT m.oid, CASE WHEN m.rolsuper THEN 'is a superuser' ELSE
             (SELECT 'may write ' || w.oid::regclass FROM written w
               WHERE m.oid = w.relowner OR has_table_privilege(m.oid, w.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                  OR has_any_column_privilege(m.oid, w.oid, 'INSERT, UPDATE')
               ORDER BY w.oid DESC LIMIT 1) END AS may
      FROM pg_roles m WHERE m.oid IN (SELECT oid FROM member UNION SELECT proowner FROM definer)),
  judged AS MATERIALIZED (
    SELECT u.usesysid, coalesce(
             (SELECT p.may FROM member m JOIN power p USING (oid)
               WHERE m.usesysid = u.usesysid AND p.may IS NOT NULL ORDER BY m.oid = u.usesysid DESC LIMIT 1),
             (SELECT 'may call ' || d.oid::regprocedure || ', whose owner ' || p.may
                FROM member m JOIN definer d ON has_function_privilege(m.oid, d.oid, 'EXECUTE')
                 AND has_schema_privilege(m.oid, d.pronamespace, 'USAGE')
                JOIN power p ON p.oid = d.proowner
               WHERE m.usesysid = u.usesysid AND p.may IS NOT NULL LIMIT 1),
             CASE WHEN NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = u.usesysid) THEN 'has a role that was dropped' END
           ) AS may
      FROM unnamed u)`;

/** The same where it does not matter who can write. */
export const nobody =
  "judged (usesysid, may) AS (SELECT usesysid, NULL FROM unnamed WHERE $1::oid[] IS NOT NULL)";
