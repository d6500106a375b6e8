import type { Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import type { ConcurrentIndex } from "./statement.ts";

/**
 * An interrupted CREATE INDEX CONCURRENTLY leaves an invalid index of that name. Writes maintain it, no query uses
 * it, and IF NOT EXISTS would take it for the finished one. So it goes before the statement runs again.
 */
export async function dropInvalidIndex(sql: Sql, index: ConcurrentIndex, log: Log): Promise<void> {
  if (index.name === undefined) {
    throw new MigratorError(
      ExitCode.MigrationFailed,
      `CREATE INDEX CONCURRENTLY ON ${index.table} names no index, so an interrupted build could not be found again.`,
      { next: "Give the index a name." },
    );
  }
  const [found] = await sql<{ index: string; being_built: boolean }>(
    `SELECT i.indexrelid::regclass AS index,
            EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS being_built
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE NOT i.indisvalid AND i.indrelid = to_regclass($1) AND c.relname = (parse_ident($2))[1]`,
    [index.table, index.name],
  );
  if (found === undefined) return;
  if (found.being_built) {
    // Not by us: whoever holds the migrator's lock is the only migrator at work.
    throw Object.assign(new Error(`another session is building the index ${found.index} right now`), {
      code: "55P03",
    });
  }
  log.warn({ index: found.index }, "dropping the invalid index an interrupted build left behind");
  await sql(`DROP INDEX CONCURRENTLY IF EXISTS ${found.index}`);
}
