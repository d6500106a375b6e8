import type { Sql } from "../database/session.ts";

export type Scans = Map<number, number>;

/**
 * How often each table was read from end to end. PostgreSQL counts every such reading, also those of ALTER TABLE and
 * CREATE INDEX. Inside a transaction the session's own counters are the exact ones; outside they are flushed first.
 */
export async function readScans(sql: Sql, inTransaction: boolean): Promise<Scans> {
  if (!inTransaction) await sql("SELECT pg_stat_force_next_flush()");
  const view = inTransaction ? "pg_stat_xact_user_tables" : "pg_stat_user_tables";
  const rows = await sql<{ oid: number; seq_scan: string }>(
    `SELECT relid::int8::float8 AS oid, seq_scan FROM ${view}`,
  );
  return new Map(rows.map(({ oid, seq_scan }) => [oid, Number(seq_scan)]));
}

export const scannedBetween = (before: Scans, after: Scans): number[] =>
  [...after].filter(([oid, count]) => count > (before.get(oid) ?? 0)).map(([oid]) => oid);
