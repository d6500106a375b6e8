import type { Cursor } from "../backfill/checkpoint.ts";
import { percentDone, secondsLeft } from "../backfill/progress.ts";
import type { Sql } from "../database/session.ts";
import type { RecordTables } from "./tables.ts";

export interface BackfillProgress {
  /** Of the migration, followed by `/` and the backfill's own name where it has one. */
  name: string;
  state: "running" | "done";
  /** Rows changed. */
  rowsDone: number;
  /** Rows of the table when it began, as the planner guessed. */
  estimate: number;
  /** How much of the table was looked at. */
  percent: number;
  /** At the speed it last had; while it runs, or would if it were started again. */
  etaSeconds?: number;
  updatedAt: string;
}

/** How far the backfills are, by their checkpoints. */
export async function readBackfills(sql: Sql, tables: RecordTables): Promise<BackfillProgress[]> {
  const rows = await sql<{
    name: string;
    state: BackfillProgress["state"];
    rows_done: string;
    cursor: Cursor | null;
    estimate: string | null;
    updated_at: Date;
  }>(
    `SELECT name, state, rows_done, "cursor", estimate, updated_at FROM ${tables.backfill} ORDER BY updated_at, name`,
  );
  return rows.map(({ name, state, rows_done, cursor, updated_at, ...row }) => {
    const estimate = Number(row.estimate ?? 0);
    const { scanned = 0, perSecond = 0 } = cursor ?? {};
    return {
      name,
      state,
      rowsDone: Number(rows_done),
      estimate,
      percent: state === "done" ? 100 : percentDone(scanned, estimate),
      ...(state === "running" && perSecond > 0 && { etaSeconds: secondsLeft(scanned, estimate, perSecond) }),
      updatedAt: updated_at.toISOString(),
    };
  });
}

/** A finished backfill that is asked for once more starts over, and counts anew. */
export async function forgetFinished(sql: Sql, tables: RecordTables, migration: string): Promise<void> {
  await sql(`DELETE FROM ${tables.backfill} WHERE split_part(name, '/', 1) = $1 AND state = 'done'`, [
    migration,
  ]);
}
