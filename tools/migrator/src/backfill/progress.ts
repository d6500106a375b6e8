import type { ContextLog } from "../online/context.ts";
import type { Checkpoint } from "./checkpoint.ts";

export interface Progress {
  /** Rows looked at in a second, since this run began. */
  perSecond(): number;
  /** Logs where the backfill is, every few seconds. */
  at(checkpoint: Checkpoint): void;
}

const lineEveryMs = 5_000;

/** Lets a line through every few seconds. */
export function everyFewSeconds(): (line: () => void) => void {
  let loggedAt = performance.now();
  return (line) => {
    if (performance.now() - loggedAt < lineEveryMs) return;
    loggedAt = performance.now();
    line();
  };
}

export function createProgress(log: ContextLog | undefined, what: string, { cursor }: Checkpoint): Progress {
  const from = cursor.scanned;
  const startedAt = performance.now();
  const line = everyFewSeconds();
  let scanned = from;
  const perSecond = () => Math.round(((scanned - from) / (performance.now() - startedAt)) * 1000);
  return {
    perSecond,
    at(checkpoint) {
      scanned = checkpoint.cursor.scanned;
      line(() => {
        const rowsPerSecond = perSecond();
        const percent = percentDone(scanned, checkpoint.estimate);
        const etaSeconds = secondsLeft(scanned, checkpoint.estimate, rowsPerSecond);
        log?.info(
          { rowsDone: checkpoint.rowsDone, rowsPerSecond, percent, etaSeconds },
          `${what}: ${percent} %, about ${etaSeconds} s left`,
        );
      });
    },
  };
}

/** Never 100 before the end: how many rows there are is an estimate. */
export const percentDone = (scanned: number, estimate: number) =>
  Math.min(99, Math.floor((scanned / Math.max(estimate, 1)) * 100));

export const secondsLeft = (scanned: number, estimate: number, perSecond: number) =>
  Math.ceil(Math.max(0, estimate - scanned) / Math.max(perSecond, 1));
