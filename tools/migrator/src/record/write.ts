import type { Sql } from "../database/session.ts";
import type { ManifestEntry } from "../migrations/types.ts";
import type { RecordTables } from "./tables.ts";

/**
 * Records one migration; call it in the transaction that applied it. A detail row without its migration is what
 * TypeORM's `migration:revert` leaves behind, so it is replaced.
 */
export async function recordApplied(
  sql: Sql,
  tables: RecordTables,
  migration: ManifestEntry,
  durationMs: number,
): Promise<void> {
  await sql(`INSERT INTO ${tables.migrations} ("timestamp", name) VALUES ($1, $2)`, [
    migration.timestamp,
    migration.name,
  ]);
  await sql(`DELETE FROM ${tables.detail} WHERE name = $1`, [migration.name]);
  await sql(
    `INSERT INTO ${tables.detail} (name, checksum, phase, applied_at, duration_ms)
     VALUES ($1, $2, $3, clock_timestamp(), $4)`,
    [migration.name, migration.sha256, migration.phase, Math.round(durationMs)],
  );
}

/** Takes over what TypeORM's CLI applied: from now on an edit is noticed. When it was applied is not known. */
export async function adopt(
  sql: Sql,
  tables: RecordTables,
  migrations: readonly ManifestEntry[],
): Promise<void> {
  for (const migration of migrations) {
    await sql(
      `INSERT INTO ${tables.detail} (name, checksum, phase) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING`,
      [migration.name, migration.sha256, migration.phase],
    );
  }
}

/**
 * Clears a floor that was proposed for a contract which then was not applied. Only for who holds the migrator's lock:
 * the one that proposed it held it too, so that one is gone. Returns the contract.
 */
export async function clearProposedFloor(sql: Sql, tables: RecordTables): Promise<string | undefined> {
  const stale = `state = 'proposed' AND contract NOT IN (SELECT name FROM ${tables.migrations})`;
  const [floor] = await sql<{ contract: string }>(`SELECT contract FROM ${tables.floor} WHERE ${stale}`);
  if (floor !== undefined) await sql(`DELETE FROM ${tables.floor} WHERE ${stale}`);
  return floor?.contract;
}
