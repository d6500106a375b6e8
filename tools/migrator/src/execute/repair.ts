import type { Session, Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import type { Effect } from "./effect.ts";
import type { StatementKind } from "./statement.ts";
import { mentions, readUnsettled, type Unsettled } from "./unsettled.ts";

/** How long the way out of a failed build may take; a container that is told to stop has 30 s. */
const dropBudgetMs = 3_000;

/** Errors of builds whose invalid index is still there, with the sentence that says so. */
const leftovers = new WeakMap<object, string>();

/** What a failed build left behind, if it could not be dropped. */
export const leftBehind = (error: unknown) =>
  typeof error === "object" && error !== null ? leftovers.get(error) : undefined;

/** What a statement leaves when it is interrupted, and may be dropped. */
export type Debris = (found: Unsettled) => boolean;

/**
 * The invalid indexes that are a statement's own, or in its way. No query uses one, writes maintain it (and fail where
 * they break its uniqueness), and IF NOT EXISTS would take it for the finished one.
 *
 * `CREATE INDEX`: the one of its name on its table, whoever left it. `REINDEX CONCURRENTLY`: the new index (`_ccnew`) or,
 * late, the old one (`_ccold`) beside the one in use, of its table; but for those that were there `before` the migration
 * first began. That of a TOAST table stays: only a superuser may drop it.
 */
export async function debrisOf(
  sql: Sql,
  effect: Effect | undefined,
  before: ReadonlySet<number>,
): Promise<Debris | undefined> {
  if (effect?.does === "create index") {
    const table = await tableOf(sql, effect.table);
    return ({ what, bare, of }) => what === "index" && bare === effect.name && of === table?.label;
  }
  if (effect?.does !== "rebuild") return undefined;
  const leftOver = ({ what, bare, toast, oid }: Unsettled) =>
    what === "index" && !toast && !before.has(oid) && /_cc(new|old)[0-9]*$/.test(bare);
  const table = effect.name === undefined ? undefined : await tableOf(sql, effect.name);
  // Of several tables: a schema, a database, the parts of a partitioned one.
  if (effect.what === "more" || table?.partitioned) return leftOver;
  return (found) => leftOver(found) && found.of === table?.label;
}

/** The table, or that of an index, with its schema: another session need not have the search_path of this one. */
async function tableOf(
  sql: Sql,
  relation: string,
): Promise<{ label: string; partitioned: boolean } | undefined> {
  const [row] = await sql<{ label: string; partitioned: boolean }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, t.relname) AS label, t.relkind = 'p' AS partitioned
       FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
       JOIN pg_catalog.pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
       JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      WHERE c.oid = pg_catalog.to_regclass($1)`,
    [relation],
  );
  return row;
}

/**
 * What a failed statement left that can be told to be its own: debris, or, of code that cannot be read, an index that
 * came up since this attempt began and whose name stands in the text.
 */
export const ownedBy =
  (text: string, { opaque }: StatementKind, debris: Debris | undefined, known: ReadonlySet<number>): Debris =>
  (found) =>
    debris?.(found) === true ||
    (opaque && found.what === "index" && !known.has(found.oid) && mentions(text, found.bare));

/** Drops what is in the way before a statement runs. Waits (as for a lock) for who is building it right now. */
export async function dropDebris(
  sql: Sql,
  pid: number,
  isDebris: Debris | undefined,
  log: Log,
): Promise<void> {
  if (isDebris === undefined) return;
  for (const found of (await readUnsettled(sql, pid)).filter(isDebris)) {
    const { name: index } = found;
    // Not by us: whoever holds the migrator's lock is the only migrator at work.
    if (found.beingBuilt || found.maybeBeingBuilt) throw busy(found);
    log.warn({ index }, "dropping the invalid index an interrupted build left behind");
    await sql(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
  }
}

/** The executor takes this for a lock that was not granted, and tries again. */
export const busy = ({ name, of, beingBuilt }: Unsettled) =>
  Object.assign(
    new Error(
      beingBuilt
        ? `another session is building the index ${name} right now`
        : `another session is at work on ${of} and may be building the invalid index ${name}`,
    ),
    { code: "55P03" },
  );

/** After a failure, whose error is then told. In a second session: while we stop, the executing one is cancelled again and again. */
export async function tidyUp(session: Session, isDebris: Debris, log: Log, error: unknown): Promise<void> {
  // After a lost session nobody can tell whether the server is still at it: the next run looks.
  if (session.lost() !== undefined) return;
  let left: string[] = [];
  try {
    await session.beside(async (sql) => {
      await sql(`SET statement_timeout = ${dropBudgetMs}`);
      try {
        left = (await readUnsettled(sql, session.pid)).filter(isDebris).map(({ name }) => name);
        await dropDebris(sql, session.pid, isDebris, log);
      } finally {
        await sql("RESET statement_timeout");
      }
    });
  } catch (err) {
    log.warn({ err }, "could not drop the invalid index of the failed build");
    const why = err instanceof Error ? err.message : String(err);
    if (error instanceof Error && left.length > 0) {
      leftovers.set(error, `The invalid index ${left.join(", ")} it left could not be dropped (${why}).`);
    }
  }
}

/** An interrupted build of an index without a name could not be found again. */
export function refuseNameless(effect: Effect | undefined): void {
  if (effect?.does !== "create index" || !effect.concurrently || effect.name !== undefined) return;
  throw new MigratorError(
    ExitCode.MigrationFailed,
    `CREATE INDEX CONCURRENTLY ON ${effect.table} names no index, so an interrupted build could not be found again.`,
    { next: "Give the index a name." },
  );
}
