import { codeOf } from "../classify.ts";
import type { Backfill } from "./backfill.ts";
import { type Checkpoint, writeCheckpoint } from "./checkpoint.ts";
import { changeRows, describeRange, lockRow, type Range } from "./statements.ts";

export interface Batch {
  range: Range;
  /** How many rows the range has. */
  rows: number;
  /** Only one of them, and where it is locked, waits for it: any more would be kept locked meanwhile. */
  wait: boolean;
}

export interface BatchResult {
  /** How many rows; undefined when that took longer than lock_timeout, and nothing of it was kept. */
  changed: number | undefined;
  /** From the statement that changes the rows to its answer. */
  elapsedMs: number;
}

/** One batch and its checkpoint, in one transaction. */
export async function runBatch(
  backfill: Backfill,
  batch: Batch,
  checkpoint: (changed: number) => Checkpoint,
): Promise<BatchResult> {
  const { runner, context, query, name } = backfill;
  // Stricter levels would fail on every row that changed since, instead of looking at it again.
  await runner.startTransaction("READ COMMITTED");
  let changing = Number.POSITIVE_INFINITY;
  try {
    await context?.stillLocked();
    if (batch.wait) await waitForRow(backfill, batch);
    await limitTime(backfill);
    changing = performance.now();
    const changed = await change(backfill, batch);
    const elapsedMs = performance.now() - changing;
    if (context) await writeCheckpoint(query, { table: context.backfillTable, name }, checkpoint(changed));
    await runner.commitTransaction();
    return { changed, elapsedMs };
  } catch (error) {
    // Where even this fails the session is lost, and the server has rolled back by itself; the first error counts.
    await runner.rollbackTransaction().catch(() => undefined);
    const elapsedMs = performance.now() - changing;
    if (tookTooLong(error, context, elapsedMs)) {
      if (batch.rows > 1) return { changed: undefined, elapsedMs };
      throw slowRow(error, backfill, batch);
    }
    throw inBatch(error, backfill, batch);
  }
}

/** As long as lock_timeout says, holding nothing. */
async function waitForRow({ query, target, change }: Backfill, { range }: Batch): Promise<void> {
  const { sql, parameters } = lockRow(target, range, change.where);
  await query(sql, parameters);
}

/**
 * From here on rows are locked, and whoever wants one of them waits no longer than for any other lock of ours. Another
 * table's locks (of a foreign key, a subquery) are waited for half as long: a whole lock_timeout would look like slow rows.
 * The commit waits for no disk: a crash of the server takes rows and checkpoint back together. What is done at the end is
 * recorded by a commit that does wait, and so for all before it.
 */
async function limitTime({ query, context }: Backfill): Promise<void> {
  if (context === undefined) return;
  const { lockTimeoutMs } = context;
  await query(
    `SET LOCAL lock_timeout = ${Math.ceil(lockTimeoutMs / 2)}; SET LOCAL statement_timeout = ${lockTimeoutMs};
     SET LOCAL synchronous_commit = off`,
  );
}

/** Not when we were told to stop, nor when somebody else cancelled the statement. */
const tookTooLong = (error: unknown, context: Backfill["context"], elapsedMs: number) =>
  codeOf(error) === "57014" &&
  context !== undefined &&
  !context.signal.aborted &&
  elapsedMs >= context.lockTimeoutMs;

const slowRow = (cause: unknown, { target, context }: Backfill, { range }: Batch) =>
  new Error(
    `one row of ${target.table} takes longer than lock_timeout (${context?.lockTimeoutMs} ms) to change, and whoever wants it would wait as long (${describeRange(target, range)}); make what SET, its subqueries and the triggers do quicker, or allow more with --lock-timeout`,
    { cause },
  );

async function change({ query, target, change }: Backfill, { range, rows, wait }: Batch): Promise<number> {
  const { sql, parameters } = changeRows(target, range, change, wait ? 1 : rows);
  const [row] = await query<{ changed: number; unchanged: number }>(sql, parameters);
  const { changed, unchanged } = row ?? { changed: 0, unchanged: 0 };
  if (unchanged === 0) return changed;
  throw new Error(
    `${unchanged} of ${changed} rows still match "${change.where}" after SET ${change.set}, so the backfill would never end. Nothing of this batch was kept; write a condition that becomes false`,
  );
}

/** Says which rows it was about. Code and detail stay: the executor decides by them what is worth another try. */
function inBatch(error: unknown, { target }: Backfill, { range }: Batch): Error {
  const code = codeOf(error);
  const { detail } = (error ?? {}) as { detail?: unknown };
  const what = error instanceof Error ? error.message : String(error);
  const message = `${what} (in the batch of ${target.table} with ${describeRange(target, range)})`;
  return Object.assign(new Error(message, { cause: error }), code && { code }, detail ? { detail } : {});
}
