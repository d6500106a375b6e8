import { advance, type Backfill, countMatches, endOf, lookAhead, lookForMatches, note } from "./backfill.ts";
import { createProgress } from "./progress.ts";
import type { Range } from "./statements.ts";

/** While old code writes, every sweep finds its newest rows; a later contract gets those. */
const enoughSweeps = 3;
const enoughIdleTries = 10;

/** Walks the table once, then sweeps until nothing is found. */
export async function runPasses(backfill: Backfill): Promise<void> {
  const { context, target } = backfill;
  if (!backfill.checkpoint.cursor.sweeping) await firstPass(backfill);
  for (let sweeps = 1; ; sweeps += 1) {
    const found = await sweep(backfill);
    if (found === 0) return;
    context?.log.info(
      { found, sweeps },
      `swept up rows of ${target.table} that were locked or came meanwhile`,
    );
    if (sweeps < enoughSweeps) continue;
    context?.log.warn(
      { found },
      `every sweep of ${target.table} finds new rows: the running code writes them; a contract must sweep once that code is gone`,
    );
    return;
  }
}

/** Every row there is now, in the order of the key. */
async function firstPass(backfill: Backfill): Promise<void> {
  const { context, target } = backfill;
  const end = await endOf(backfill);
  // An empty table has one batch too: a mistake in the SQL shows before there is data.
  if (end === undefined) await advance(backfill, { range: {}, limit: backfill.size, wait: false });
  const progress = createProgress(context?.log, `backfill of ${target.table}`, backfill.checkpoint);
  for (;;) {
    const { cursor } = backfill.checkpoint;
    const next = end && (await lookAhead(backfill, { after: cursor.after, upTo: end }));
    if (next === undefined) break;
    await advance(
      backfill,
      { range: next.range, limit: backfill.size, wait: false },
      { after: next.range.upTo, scanned: cursor.scanned + next.rows, perSecond: progress.perSecond() },
    );
    progress.at(backfill.checkpoint);
  }
  await note(backfill, { cursor: { ...backfill.checkpoint.cursor, sweeping: true } });
}

/** Looks at every row again and changes those that match. Returns how many matched. */
async function sweep(backfill: Backfill): Promise<number> {
  const end = await endOf(backfill);
  let found = 0;
  for (let after: Range["after"]; end !== undefined; ) {
    const next = await lookForMatches(backfill, { after, upTo: end });
    if (next === undefined) break;
    found += next.matching;
    if (next.matching > 0) await clear(backfill, next.range);
    after = next.range.upTo;
  }
  return found;
}

/** Changes what matches in a range until nothing does: first what is free, then a locked row, waited for alone. */
async function clear(backfill: Backfill, range: Range): Promise<void> {
  for (let idle = 0; idle < enoughIdleTries; ) {
    let changed = await advance(backfill, { range, limit: backfill.size, wait: false });
    if ((await countMatches(backfill, range)) === 0) return;
    changed += await advance(backfill, { range, limit: 1, wait: true });
    idle = changed > 0 ? 0 : idle + 1;
  }
  throw new Error(
    `rows of ${backfill.target.table} match "${backfill.change.where}", are free, and stay as they are: a trigger or rule keeps the UPDATE from changing them`,
  );
}
