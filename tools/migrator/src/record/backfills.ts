import type { Sql } from "../database/session.ts";
import type { RecordTables } from "./tables.ts";

export interface BackfillProgress {
  /** Of the migration, or the name it gave this backfill. */
  name: string;
  state: string;
  rowsDone: number;
  /** Rows of the table when it began, as the planner guessed. */
  estimate: number | undefined;
  percent: number | undefined;
  updatedAt: string;
}

/** How far the backfills are, by their checkpoints. */
export async function readBackfills(sql: Sql, tables: RecordTables): Promise<BackfillProgress[]> {
  const rows = await sql<{
    name: string;
    state: string;
    rows_done: string;
    scanned: string | null;
    estimate: string | null;
    updated_at: Date;
  }>(
    // A row that needed no change was looked at, too.
    `SELECT name, state, rows_done, "cursor"->>'scanned' AS scanned, estimate, updated_at
       FROM ${tables.backfill} ORDER BY updated_at, name`,
  );
  return rows.map(({ name, state, rows_done, scanned, estimate, updated_at }) => ({
    name,
    state,
    rowsDone: Number(rows_done),
    estimate: estimate === null ? undefined : Number(estimate),
    percent: state === "done" ? 100 : percentOf(Number(scanned ?? rows_done), Number(estimate ?? 0)),
    updatedAt: updated_at.toISOString(),
  }));
}

/** The estimate is one: what is not done is never shown as 100. */
const percentOf = (done: number, estimate: number) =>
  estimate > 0 ? Math.min(Math.floor((100 * done) / estimate), 99) : undefined;
