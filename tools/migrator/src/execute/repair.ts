import { onOwnPath } from "../database/search-path.ts";
import type { Session, Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import type { ConcurrentIndex, Rebuilt } from "./statement.ts";

/** How long the way out of a failed build may take; a container that is told to stop has 30 s. */
const dropBudgetMs = 3_000;

/** Errors of builds whose invalid index is still there, with the sentence that says so. */
const leftovers = new WeakMap<object, string>();

/** What a failed build left behind, if it could not be dropped. */
export const leftBehind = (error: unknown) =>
  typeof error === "object" && error !== null ? leftovers.get(error) : undefined;

/** The invalid indexes that a statement leaves when it is interrupted. */
interface Debris {
  /** Condition on pg_index i and pg_class c. */
  where: string;
  parameters: unknown[];
  /** For people. */
  name: string;
}

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
  const parameters = [await numberOf(session.sql, index.table), name];
  const where = "i.indrelid = $1 AND c.relname = (parse_ident($2))[1]";
  return tidily(session, { where, parameters, name }, log, build);
}

/**
 * Runs REINDEX INDEX or TABLE CONCURRENTLY. Interrupted or failed, it leaves the new index (`_ccnew`) or, late, the old
 * one (`_ccold`) beside the one in use; nothing but a burden for writes, and the next try would add another. That of
 * the TOAST table stays: only a superuser may drop it.
 */
export async function rebuilding<T>(
  session: Session,
  { kind, name }: Rebuilt,
  log: Log,
  build: () => Promise<T>,
): Promise<T> {
  const table = kind === "table" ? "$1" : "(SELECT indrelid FROM pg_index WHERE indexrelid = $1)";
  const where = `c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid = ${table}`;
  const parameters = [await numberOf(session.sql, name)];
  return tidily(session, { where, parameters, name: `${name}_ccnew` }, log, build);
}

async function tidily<T>(session: Session, debris: Debris, log: Log, build: () => Promise<T>): Promise<T> {
  await onOwnPath(session.sql, false, () => dropInvalid(session.sql, debris, log));
  try {
    return await build();
  } catch (error) {
    // After a lost session nobody can tell whether the server is still at it: the next run looks.
    if (session.lost() === undefined) {
      await dropInTime(session, debris, log).catch((err) => {
        log.warn({ err }, "could not drop the invalid index of the failed build");
        const why = err instanceof Error ? err.message : String(err);
        if (error instanceof Error) {
          leftovers.set(error, `The invalid index ${debris.name} it left could not be dropped (${why}).`);
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
async function numberOf(sql: Sql, relation: string): Promise<number | null> {
  const [row] = await sql<{ oid: number | null }>(
    "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid AS oid",
    [relation],
  );
  return row?.oid ?? null;
}

/** In a second session: while we stop, the executing one is cancelled again and again. */
const dropInTime = (session: Session, debris: Debris, log: Log) =>
  session.beside(async (sql) => {
    await sql(`SET statement_timeout = ${dropBudgetMs}`);
    try {
      await dropInvalid(sql, debris, log);
    } finally {
      await sql("RESET statement_timeout");
    }
  });

async function dropInvalid(sql: Sql, { where, parameters }: Debris, log: Log): Promise<void> {
  const found = await sql<{ index: string; being_built: boolean }>(
    `SELECT i.indexrelid::regclass AS index,
            EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS being_built
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE NOT i.indisvalid AND ${where}`,
    parameters,
  );
  for (const { index, being_built } of found) {
    if (being_built) {
      // Not by us: whoever holds the migrator's lock is the only migrator at work.
      throw Object.assign(new Error(`another session is building the index ${index} right now`), {
        code: "55P03",
      });
    }
    log.warn({ index }, "dropping the invalid index an interrupted build left behind");
    await sql(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
  }
}
