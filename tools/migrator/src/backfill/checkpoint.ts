import type { Query } from "./query.ts";
import type { KeyValue } from "./statements.ts";

/** What the column `cursor` holds: enough to go on, and to tell how far it is. */
export interface Cursor {
  /** Table and key it belongs to. */
  of: string;
  /** The last key whose batch is committed, as text. */
  after?: KeyValue;
  /** Rows looked at in the first pass. */
  scanned: number;
  /** Rows looked at in a second, lately. */
  perSecond?: number;
  /** The first pass is over; only what it could not get is left. */
  sweeping?: true;
}

export interface Checkpoint {
  cursor: Cursor;
  rowsDone: number;
  /** Rows in the table when it began. */
  estimate: number;
  state: "running" | "done";
}

/**
 * Where the backfill of this name stopped. A finished one whose migration was not recorded (killed in between, or
 * there is a second backfill in it) goes on with sweeping, which looks at every row.
 */
export async function readCheckpoint(
  query: Query,
  { table, name }: { table: string; name: string },
): Promise<Checkpoint | undefined> {
  const [row] = await query<{ cursor: Cursor; rowsDone: string; estimate: string }>(
    `SELECT "cursor", rows_done AS "rowsDone", estimate FROM ${table} WHERE name = $1`,
    [name],
  );
  return row && { ...row, state: "running", rowsDone: Number(row.rowsDone), estimate: Number(row.estimate) };
}

/** Belongs in the batch's transaction: then no crash can separate the two. */
export async function writeCheckpoint(
  query: Query,
  { table, name }: { table: string; name: string },
  { cursor, rowsDone, estimate, state }: Checkpoint,
): Promise<void> {
  await query(
    `INSERT INTO ${table} (name, "cursor", rows_done, estimate, state, updated_at)
     VALUES ($1, $2, $3, $4, $5, clock_timestamp())
     ON CONFLICT (name) DO UPDATE
        SET "cursor" = excluded."cursor", rows_done = excluded.rows_done, estimate = excluded.estimate,
            state = excluded.state, updated_at = excluded.updated_at`,
    [name, JSON.stringify(cursor), rowsDone, Math.round(estimate), state],
  );
}
