import type { Sql } from "../database/session.ts";

export interface DatabaseObject {
  /** As DROP wants it: `table`, `function`, … */
  type: string;
  /** Quoted and qualified, for DROP. */
  identity: string;
  /** Of what lies in one. */
  schema: string | null;
  /** Of a table, view or sequence, as the catalog has it. */
  name: string | null;
}

/** What has been created in a database, or in some schemas of it. Parts (a table's index, an extension's function) are not listed. */
export const contents = (sql: Sql, schemas?: readonly string[]): Promise<DatabaseObject[]> =>
  sql<DatabaseObject>(
    `
    WITH object AS (
      SELECT 'pg_class'::regclass AS class, oid, relnamespace AS schema, relname::text AS name FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
      UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace, NULL FROM pg_proc
      UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace, NULL FROM pg_type WHERE typtype IN ('e', 'd', 'r', 'c')
      UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace, NULL FROM pg_operator
      UNION ALL SELECT 'pg_collation'::regclass, oid, collnamespace, NULL FROM pg_collation
      UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace, NULL FROM pg_ts_config
      UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace, NULL FROM pg_ts_dict
      UNION ALL SELECT 'pg_extension'::regclass, oid, 0, NULL FROM pg_extension
      UNION ALL SELECT 'pg_publication'::regclass, oid, 0, NULL FROM pg_publication
      UNION ALL SELECT 'pg_event_trigger'::regclass, oid, 0, NULL FROM pg_event_trigger
      UNION ALL SELECT 'pg_namespace'::regclass, oid, oid, NULL FROM pg_namespace
    )
    SELECT i.type, i.identity, n.nspname::text AS schema, o.name
      FROM object o CROSS JOIN LATERAL pg_identify_object(o.class, o.oid, 0) AS i
      LEFT JOIN pg_namespace n ON n.oid = o.schema
     -- Lower numbers are those that initdb gave out.
     WHERE o.oid >= 16384
       AND n.nspname IS DISTINCT FROM 'information_schema' AND coalesce(n.nspname, '') !~ '^pg_'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype IN ('e', 'i', 'a')
                           -- A partitioned table is said to be a part of its own key.
                           AND (d.refclassid, d.refobjid) <> (o.class, o.oid))
       AND ($1::text[] IS NULL OR o.class <> 'pg_namespace'::regclass AND n.nspname = ANY ($1))
     ORDER BY o.oid`,
    [schemas ?? null],
  );

/** Extensions and empty schemas are what an administrator prepares; anything else is somebody's. */
export const firstInUse = (objects: readonly DatabaseObject[]) =>
  objects.find(({ type }) => type !== "extension" && type !== "schema");

/** Drops what is there and was not there before. */
export async function dropNew(sql: Sql, before: readonly DatabaseObject[]): Promise<void> {
  const known = new Set(before.map(nameOf));
  for (const object of await contents(sql)) {
    if (!known.has(nameOf(object))) await sql(`DROP ${object.type} IF EXISTS ${object.identity} CASCADE`);
  }
}

const nameOf = ({ type, identity }: DatabaseObject) => `${type} ${identity}`;
