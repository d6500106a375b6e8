import type { QueryRunner } from "typeorm";
import type { MigrationContext } from "../online/context.ts";
import { type Batch, runBatch } from "./batch.ts";
import { type Checkpoint, type Cursor, writeCheckpoint } from "./checkpoint.ts";
import { nextSize, type Pace } from "./pace.ts";
import type { Query } from "./query.ts";
import {
  type Change,
  countRows,
  type KeyValue,
  keyAfter,
  lastKey,
  nextMatching,
  type Range,
  type Statement,
} from "./statements.ts";
import type { Target } from "./target.ts";
import type { Throttle } from "./throttle.ts";

/** A backfill at work: what it does, and how far it is. */
export interface Backfill {
  runner: QueryRunner;
  query: Query;
  context: MigrationContext | undefined;
  /** Name of the checkpoint. */
  name: string;
  target: Target;
  change: Change;
  pace: Pace;
  throttle: Throttle;
  checkpoint: Checkpoint;
  /** Rows of the next batch. */
  size: number;
}

/**
 * Changes what matches in the range and moves the checkpoint; the next batch is as large as this one was quick.
 * Undefined when it took longer than lock_timeout: then nothing is changed, and the next batch is half as large.
 */
export async function advance(
  backfill: Backfill,
  batch: Batch,
  cursor: Partial<Cursor> = {},
): Promise<number | undefined> {
  const moved = (changed: number): Checkpoint => ({
    ...backfill.checkpoint,
    cursor: { ...backfill.checkpoint.cursor, ...cursor },
    rowsDone: backfill.checkpoint.rowsDone + changed,
  });
  const { changed, elapsedMs } = await backfill.throttle.watching(() => runBatch(backfill, batch, moved));
  const workMs = Math.max(elapsedMs - backfill.throttle.wayMs(), 0);
  if (changed === undefined) {
    backfill.size = Math.floor(batch.rows / 2);
    backfill.context?.log.info(
      { rows: batch.rows, next: backfill.size },
      `a batch of ${backfill.target.table} took longer than lock_timeout; taking fewer rows`,
    );
  } else {
    backfill.checkpoint = moved(changed);
    // How long one row was waited for says nothing about a batch.
    if (!batch.wait)
      backfill.size = nextSize(backfill.size, workMs, backfill.throttle.targetMs(), backfill.pace.max);
    if (changed > 0 || cursor.after !== undefined) backfill.context?.progressed();
  }
  await backfill.throttle.pause(workMs);
  return changed;
}

/** Where the next batch of a range ends, and how many rows it has. Undefined after the last one. */
export async function lookAhead(
  { query, target, size }: Backfill,
  { after, upTo }: { after: KeyValue | undefined; upTo: KeyValue },
) {
  const next = keyAfter(target, { after, upTo }, size);
  const [row] = await query<KeyRow>(next.sql, next.parameters);
  if (row !== undefined) return { range: { after, upTo: keyOf(target, row) }, rows: size };
  // Fewer are left than make a batch.
  const rows = await count(query, countRows(target, { after, upTo }));
  return rows === 0 ? undefined : { range: { after, upTo }, rows };
}

/** How many rows of a range match. */
export const countMatches = ({ query, target, change }: Backfill, range: Range) =>
  count(query, countRows(target, range, change.where));

/** The next rows of a range, and how many of them match. Undefined after the last one. */
export async function lookForMatches(backfill: Backfill, range: Range) {
  const { query, target, change, size } = backfill;
  const { sql, parameters } = nextMatching(target, range, change.where, size);
  const [row] = await query<KeyRow & { rows: number; matching: number }>(sql, parameters);
  if (row === undefined) return undefined;
  return { range: { after: range.after, upTo: keyOf(target, row) }, rows: row.rows, matching: row.matching };
}

/** The last key there is now: rows that come after it belong to the next pass, or no pass would end. */
export async function endOf({ query, target }: Backfill): Promise<KeyValue | undefined> {
  const [row] = await query<KeyRow>(lastKey(target));
  return row && keyOf(target, row);
}

/** Without a batch: that a pass, or all of it, is over. */
export async function note(backfill: Backfill, changes: Partial<Checkpoint>): Promise<void> {
  const { context, query, name } = backfill;
  backfill.checkpoint = { ...backfill.checkpoint, ...changes };
  if (context) await writeCheckpoint(query, { table: context.backfillTable, name }, backfill.checkpoint);
}

async function count(query: Query, { sql, parameters }: Statement): Promise<number> {
  const [row] = await query<{ rows: number }>(sql, parameters);
  return row?.rows ?? 0;
}

/** Columns k0, k1, … */
type KeyRow = Record<`k${number}`, string>;

const keyOf = ({ key }: Target, row: KeyRow): KeyValue => key.map((_, i) => String(row[`k${i}`]));
