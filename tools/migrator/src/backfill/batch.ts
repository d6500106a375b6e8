import { codeOf } from "../classify.ts";
import type { Backfill } from "./backfill.ts";
import { type Checkpoint, writeCheckpoint } from "./checkpoint.ts";
import { changeRows, describeRange, type Range } from "./statements.ts";

export interface Batch {
  range: Range;
  limit: number;
  /** Waits for a locked row instead of passing it over. */
  wait: boolean;
}

/** One batch and its checkpoint, in one transaction. Returns how many rows it changed. */
export async function runBatch(
  backfill: Backfill,
  batch: Batch,
  checkpoint: (changed: number) => Checkpoint,
): Promise<number> {
  const { runner, context, query, name } = backfill;
  // Stricter levels would fail on every row that changed since, instead of looking at it again.
  await runner.startTransaction("READ COMMITTED");
  try {
    await context?.stillLocked();
    const changed = await change(backfill, batch);
    if (context) await writeCheckpoint(query, { table: context.backfillTable, name }, checkpoint(changed));
    await runner.commitTransaction();
    return changed;
  } catch (error) {
    // Where even this fails the session is lost, and the server has rolled back by itself; the first error counts.
    await runner.rollbackTransaction().catch(() => undefined);
    throw inBatch(error, backfill, batch);
  }
}

async function change({ query, target, change }: Backfill, { range, limit, wait }: Batch): Promise<number> {
  const { sql, parameters } = changeRows(target, range, change, { limit, wait });
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
