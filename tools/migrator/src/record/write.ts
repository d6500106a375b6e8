import type { Sql } from "../database/session.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { sayEmpty } from "./notes.ts";
import type { RecordTables } from "./tables.ts";
import { forgetStarted } from "./unfinished.ts";

type Recordable = Pick<LoadedMigration, "name" | "timestamp" | "phase" | "sha256" | "needs">;

/**
 * Records one migration; call it in the transaction that applied it. A detail row without its migration is what
 * TypeORM's `migration:revert` leaves behind, so it is replaced.
 */
export async function recordApplied(
  sql: Sql,
  tables: RecordTables,
  migration: Recordable,
  durationMs: number,
): Promise<void> {
  await sql(`INSERT INTO ${tables.migrations} ("timestamp", name) VALUES ($1, $2)`, [
    migration.timestamp,
    migration.name,
  ]);
  await sql(`DELETE FROM ${tables.detail} WHERE name = $1`, [migration.name]);
  await sql(
    `INSERT INTO ${tables.detail} (name, checksum, phase, needs, applied_at, duration_ms)
     VALUES ($1, $2, $3, $4, clock_timestamp(), $5)`,
    [migration.name, migration.sha256, migration.phase, migration.needs, Math.round(durationMs)],
  );
  await forgetStarted(sql, tables, migration.name);
}

/** Takes over what TypeORM's CLI applied: from now on an edit is noticed. When it was applied is not known. */
export async function adopt(
  sql: Sql,
  tables: RecordTables,
  migrations: readonly Recordable[],
): Promise<void> {
  for (const migration of migrations) {
    await sql(
      `INSERT INTO ${tables.detail} (name, checksum, phase, needs) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING`,
      [migration.name, migration.sha256, migration.phase, migration.needs],
    );
    // Of a run of ours that was interrupted before TypeORM's CLI applied it whole.
    await sql(`DELETE FROM ${tables.unfinished} WHERE name = $1 AND direction = 'up'`, [migration.name]);
  }
}

/** Takes one migration out of the record; call it in the transaction that reverted it. */
export async function recordReverted(sql: Sql, tables: RecordTables, name: string): Promise<void> {
  for (const table of [tables.migrations, tables.detail, tables.unfinished])
    await sql(`DELETE FROM ${table} WHERE name = $1`, [name]);
  // Its checkpoints: one of its own name, or several that begin with it.
  await sql(`DELETE FROM ${tables.backfill} WHERE split_part(name, '/', 1) = $1`, [name]);
  // What its `down` left there is not a reason to refuse the next `up`.
  await sayEmpty(sql, tables);
}
