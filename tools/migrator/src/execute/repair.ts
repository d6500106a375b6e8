import type { Session, Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import type { ConcurrentIndex } from "./statement.ts";

/** How long the way out of a failed build may take; a container that is told to stop has 30 s. */
const dropBudgetMs = 3_000;

/** Errors of builds whose invalid index is still there, with the sentence that says so. */
const leftovers = new WeakMap<object, string>();

/** What a failed build left behind, if it could not be dropped. */
export const leftBehind = (error: unknown) =>
  typeof error === "object" && error !== null ? leftovers.get(error) : undefined;

/**
 * Runs CREATE INDEX CONCURRENTLY. Interrupted or failed, it leaves an invalid index of that name: no query uses it,
 * writes maintain it (and fail where they break its uniqueness), and IF NOT EXISTS would take it for the finished one.
 * So an invalid one goes before the statement runs, and again when the statement fails.
 */
export async function building<T>(
  session: Session,
  index: ConcurrentIndex,
  log: Log,
  build: () => Promise<T>,
): Promise<T> {
  const name = named(index);
  const table = await tableOf(session.sql, index);
  await dropInvalidIndex(session.sql, table, name, log);
  try {
    return await build();
  } catch (error) {
    // After a lost session nobody can tell whether the server is still at it: the next run looks.
    if (session.lost() === undefined) {
      await dropInTime(session, table, name, log).catch((err) => {
        log.warn({ err }, "could not drop the invalid index of the failed build");
        const why = err instanceof Error ? err.message : String(err);
        if (error instanceof Error) {
          leftovers.set(error, `The invalid index ${name} it left could not be dropped (${why}).`);
        }
      });
    }
    throw error;
  }
}

function named({ name, table }: ConcurrentIndex): string {
  if (name !== undefined) return name;
  throw new MigratorError(
    ExitCode.MigrationFailed,
    `CREATE INDEX CONCURRENTLY ON ${table} names no index, so an interrupted build could not be found again.`,
    { next: "Give the index a name." },
  );
}

/** By its number: another session need not have the search_path of this one. */
async function tableOf(sql: Sql, { table }: ConcurrentIndex): Promise<number | null> {
  const [row] = await sql<{ oid: number | null }>("SELECT to_regclass($1)::oid AS oid", [table]);
  return row?.oid ?? null;
}

/** In a second session: while we stop, the executing one is cancelled again and again. */
const dropInTime = (session: Session, table: number | null, name: string, log: Log) =>
  session.beside(async (sql) => {
    await sql(`SET statement_timeout = ${dropBudgetMs}`);
    try {
      await dropInvalidIndex(sql, table, name, log);
    } finally {
      await sql("RESET statement_timeout");
    }
  });

async function dropInvalidIndex(sql: Sql, table: number | null, name: string, log: Log): Promise<void> {
  const [found] = await sql<{ index: string; being_built: boolean }>(
    `SELECT i.indexrelid::regclass AS index,
            EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS being_built
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE NOT i.indisvalid AND i.indrelid = $1 AND c.relname = (parse_ident($2))[1]`,
    [table, name],
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
