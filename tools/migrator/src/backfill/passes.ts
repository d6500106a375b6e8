import { advance, type Backfill, countMatches, endOf, lookAhead, lookForMatches, note } from "./backfill.ts";
import { createProgress, everyFewSeconds } from "./progress.ts";
import type { Range } from "./statements.ts";

/** While old code writes, every sweep finds its newest rows; a later contract gets those. */
const enoughSweeps = 3;
/** So does every look at one range; what is left there is for the next sweep. */
const enoughRounds = 3;
const enoughIdleTries = 10;

/** Walks the table once, then sweeps until nothing is found. */
export async function runPasses(backfill: Backfill): Promise<void> {
  const { context, target } = backfill;
  if (!backfill.checkpoint.cursor.sweeping) await firstPass(backfill);
  for (let sweeps = 1; ; sweeps += 1) {
    const found = await sweep(backfill, sweeps);
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
  if (end === undefined) await advance(backfill, { range: {}, rows: backfill.size, wait: false });
  const progress = createProgress(context?.log, `backfill of ${target.table}`, backfill.checkpoint);
  for (;;) {
    const { cursor } = backfill.checkpoint;
    const next = end && (await lookAhead(backfill, { after: cursor.after, upTo: end }));
    if (next === undefined) break;
    await advance(
      backfill,
      { ...next, wait: false },
      { after: next.range.upTo, scanned: cursor.scanned + next.rows, perSecond: progress.perSecond() },
    );
    progress.at(backfill.checkpoint);
  }
  await note(backfill, { cursor: { ...backfill.checkpoint.cursor, sweeping: true } });
}

/** Looks at every row again and changes those that match. Returns how many matched. */
async function sweep(backfill: Backfill, number: number): Promise<number> {
  const { context, target } = backfill;
  const end = await endOf(backfill);
  const line = everyFewSeconds();
  let scanned = 0;
  let found = 0;
  for (let after: Range["after"]; end !== undefined; ) {
    const next = await lookForMatches(backfill, { after, upTo: end });
    if (next === undefined) break;
    // Too slow: the same rows once more, fewer at a time.
    if (next.matching > 0 && !(await clear(backfill, next))) continue;
    found += next.matching;
    scanned += next.rows;
    after = next.range.upTo;
    line(() =>
      context?.log.info(
        { rowsDone: backfill.checkpoint.rowsDone, scanned, found },
        `sweep ${number} of ${target.table}: ${scanned} rows looked at, ${found} of them still to do`,
      ),
    );
  }
  return found;
}

/**
 * Changes what matches in a range: first what is free, then a locked row, waited for alone; and again while there is
 * more, which may never end where the running code writes such rows. False when the range has too many rows for one batch.
 */
async function clear(backfill: Backfill, { range, rows }: { range: Range; rows: number }): Promise<boolean> {
  for (let rounds = 0, idle = 0; rounds < enoughRounds; ) {
    const free = await advance(backfill, { range, rows, wait: false });
    if (free === undefined) return false;
    if ((await countMatches(backfill, range)) === 0) return true;
    const held = await advance(backfill, { range, rows, wait: true });
    if (held === undefined) return false;
    if (free + held > 0) rounds += 1;
    idle = free + held > 0 ? 0 : idle + 1;
    if (idle === enoughIdleTries) throw untouchable(backfill);
  }
  return true;
}

const untouchable = ({ target, change }: Backfill) =>
  new Error(
    `rows of ${target.table} match "${change.where}", are free, and stay as they are: a trigger or rule keeps the UPDATE from changing them`,
  );
