import type { Sql } from "../database/session.ts";
import { unsettledSql } from "../record/journal.ts";

/** An index that is not whole, or a partition that is half detached. */
export interface Unsettled {
  oid: number;
  /** As SQL, for the session that asked. */
  name: string;
  /** The index's or partition's own name, and that of the table it belongs to, without schema and quotes. */
  bare: string;
  ofBare: string;
  /** The table, as SQL. */
  of: string;
  what: "index" | "partitioned index" | "partition";
  /** Of a TOAST table: only a superuser may drop it. */
  toast: boolean;
  /** Another session is building it at this moment. */
  beingBuilt: boolean;
  /** Another session holds the lock that a build holds on its table, and does not show what it does. */
  maybeBeingBuilt: boolean;
}

/** `pid` is that of the executing session: it builds nothing while it is asked. */
export const readUnsettled = (sql: Sql, pid: number): Promise<Unsettled[]> =>
  sql(
    `SELECT c.oid::int8::float8 AS oid, c.oid::regclass AS name, c.relname AS bare,
            t.relname AS "ofBare", pg_catalog.format('%I.%I', tn.nspname, t.relname) AS "of",
            CASE WHEN p.inhrelid IS NOT NULL THEN 'partition' WHEN c.relkind = 'I' THEN 'partitioned index' ELSE 'index' END AS what,
            n.nspname = 'pg_toast' AS toast,
            EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index b
                     WHERE b.index_relid = c.oid AND b.pid <> $1) AS "beingBuilt",
            EXISTS (SELECT FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                     WHERE l.locktype = 'relation' AND l.relation = t.oid AND l.granted AND l.pid <> $1
                       AND l.mode = 'ShareUpdateExclusiveLock' AND l.database = (
                         SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
                       AND (a.pid IS NULL OR a.usesysid IS NOT NULL)) AS "maybeBeingBuilt"
       FROM (${unsettledSql}) AS u
       JOIN pg_catalog.pg_class c ON c.oid = u.oid::oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
       LEFT JOIN pg_catalog.pg_inherits p ON p.inhrelid = c.oid AND p.inhdetachpending
       JOIN pg_catalog.pg_class t ON t.oid = coalesce(i.indrelid, p.inhparent)
       JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
      ORDER BY 1`,
    [pid],
  );

/** Whether a text holds the name as a word of its own; the quotes around it may be those of any language. */
export function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const around = [text[at - 1], text[at + name.length]];
    if (around.every((letter) => letter === undefined || !/[\p{L}\p{N}_$]/u.test(letter))) return true;
  }
  return false;
}
