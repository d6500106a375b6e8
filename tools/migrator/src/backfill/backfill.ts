import type { QueryRunner } from "typeorm";
import type { MigrationContext } from "../online/context.ts";
import { type Batch, runBatch } from "./batch.ts";
import { type Checkpoint, type Cursor, writeCheckpoint } from "./checkpoint.ts";
import { nextSize, type Pace } from "./pace.ts";
import type { Query } from "./query.ts";
import { type Change, type KeyValue, lastKey, nextRows, type Range } from "./statements.ts";
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

/** Changes what matches in the range and moves the checkpoint; the next batch is as large as this one was quick. */
export async function advance(
  backfill: Backfill,
  batch: Batch,
  cursor: Partial<Cursor> = {},
): Promise<number> {
  const moved = (changed: number): Checkpoint => ({
    ...backfill.checkpoint,
    cursor: { ...backfill.checkpoint.cursor, ...cursor },
    rowsDone: backfill.checkpoint.rowsDone + changed,
  });
  const started = performance.now();
  const changed = await backfill.throttle.watching(() => runBatch(backfill, batch, moved));
  const elapsedMs = performance.now() - started;
  backfill.checkpoint = moved(changed);
  backfill.size = nextSize(backfill.size, elapsedMs, backfill.pace);
  if (changed > 0 || cursor.after !== undefined) backfill.context?.progressed();
  await backfill.throttle.pause(elapsedMs);
  return changed;
}

/** The next rows of a range and, when asked, how many of them match. Undefined after the last one. */
export async function look(backfill: Backfill, range: Range, counting = false) {
  const { query, target, change, size } = backfill;
  const { sql, parameters } = nextRows(target, range, {
    limit: size,
    ...(counting && { counting: change.where }),
  });
  const [row] = await query<Record<string, unknown>>(sql, parameters);
  if (row === undefined) return undefined;
  const upTo: KeyValue = target.key.map((_, i) => String(row[`k${i}`]));
  return { range: { after: range.after, upTo }, rows: Number(row.rows), matching: Number(row.matching) };
}

/** The last key there is now: rows that come after it belong to the next pass, or no pass would end. */
export async function endOf({ query, target }: Backfill): Promise<KeyValue | undefined> {
  const [row] = await query<Record<string, string>>(lastKey(target));
  return row && target.key.map((_, i) => String(row[`k${i}`]));
}

/** Without a batch: that a pass, or all of it, is over. */
export async function note(backfill: Backfill, changes: Partial<Checkpoint>): Promise<void> {
  const { context, query, name } = backfill;
  backfill.checkpoint = { ...backfill.checkpoint, ...changes };
  if (context) await writeCheckpoint(query, { table: context.backfillTable, name }, backfill.checkpoint);
}
