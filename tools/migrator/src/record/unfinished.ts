import { codeOf } from "../classify.ts";
import type { Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { type Journal, journal, nothing, type Progress, unsettledSql } from "./journal.ts";
import { literal, type RecordTables } from "./tables.ts";

/** A migration outside a transaction that has begun, of which the end is not recorded: it is at work, or was interrupted. */
export interface Unfinished {
  name: string;
  timestamp: number;
  direction: "up" | "down";
  startedAt: string;
}

/** An `up` that another tool has recorded since is finished. */
export async function readUnfinished(sql: Sql, tables: RecordTables): Promise<Unfinished[]> {
  const rows = await sql<
    Omit<Unfinished, "timestamp" | "startedAt"> & { timestamp: string; started_at: Date }
  >(
    `SELECT name, "timestamp", direction, started_at FROM ${tables.unfinished}
      WHERE direction = 'down' OR name NOT IN (SELECT name FROM ${tables.migrations})
      ORDER BY "timestamp"`,
  );
  return rows.map(({ name, timestamp, direction, started_at }) => ({
    name,
    timestamp: Number(timestamp),
    direction,
    startedAt: started_at.toISOString(),
  }));
}

/**
 * Says that a migration outside a transaction begins. Committed before its first statement: from then on something of
 * it may be there, whatever becomes of us. Whoever records its end forgets it. What an earlier attempt in the same
 * direction noted is kept.
 */
export async function markStarted(
  sql: Sql,
  tables: RecordTables,
  { name, timestamp }: Pick<LoadedMigration, "name" | "timestamp">,
  direction: Unfinished["direction"],
): Promise<Journal> {
  const mark = () =>
    sql<{ progress: Progress; now: number[] }>(
      `WITH now AS (SELECT coalesce(pg_catalog.jsonb_agg(oid), '[]') AS unsettled FROM (${unsettledSql}) AS u)
       INSERT INTO ${tables.unfinished} AS u (name, "timestamp", direction, progress)
       SELECT $1::text, $2::bigint, $3::text, pg_catalog.jsonb_build_object('unsettled', unsettled, 'done', '[]'::jsonb, 'begun', '{}'::jsonb) FROM now
       ON CONFLICT (name) DO UPDATE SET direction = excluded.direction, started_at = excluded.started_at,
         progress = CASE WHEN u.direction = excluded.direction THEN coalesce(u.progress, excluded.progress)
                         ELSE excluded.progress END
       RETURNING progress, (SELECT unsettled FROM now) AS now`,
      [name, timestamp, direction],
    );
  const [marked] = await mark().catch(async (error) => {
    if (codeOf(error) !== "42703") throw error;
    // Earlier migrators made the table without it.
    await sql(`ALTER TABLE ${tables.unfinished} ADD COLUMN IF NOT EXISTS progress jsonb`);
    return mark();
  });
  const { progress = nothing, now = [] } = marked ?? {};
  return journal(sql, tables, name, progress, now);
}

/** Call it in the transaction that records the end. */
export async function forgetStarted(sql: Sql, tables: RecordTables, name: string): Promise<void> {
  await sql(`DELETE FROM ${tables.unfinished} WHERE name = $1`, [name]);
}

/**
 * Why nothing may be applied: a migration we know was reverted half-way, so it is neither there nor gone. Only true while
 * nobody holds the lock, since else it may be at work.
 */
export function revertedHalfWay(
  local: readonly Pick<LoadedMigration, "name">[],
  unfinished: readonly Unfinished[],
): MigratorError | undefined {
  const half = unfinished.find(
    ({ name, direction }) => direction === "down" && local.some((known) => known.name === name),
  );
  if (half === undefined) return undefined;
  return new MigratorError(
    ExitCode.RecordMismatch,
    `Half-way through reverting ${half.name} the migrator was interrupted, so some of it is there and some is gone.`,
    { next: "Run migrator rollback again: it finishes the down.", facts: { migration: half.name } },
  );
}

/** For a release that does not know it, and has no other way to hear of it. */
export function warnOfUnknown(
  log: Log,
  local: readonly Pick<LoadedMigration, "name">[],
  unfinished: readonly Unfinished[],
): void {
  for (const { name, direction, startedAt } of unfinished) {
    if (local.some((known) => known.name === name)) continue;
    log.warn(
      { migration: name, direction, startedAt },
      `${name} has not finished and is not among these migrations: it is at work, or was interrupted, and some of it may be there`,
    );
  }
}

/** For what is given up for good. */
export const forgetByHand = (tables: Pick<RecordTables, "unfinished">, name: string) =>
  `DELETE FROM ${tables.unfinished} WHERE name = '${literal(name)}';`;
