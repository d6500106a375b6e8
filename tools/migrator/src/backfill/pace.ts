/** How fast a backfill may go. */
export interface Pace {
  /** Rows of the first batch. */
  initial: number;
  /** Rows of the largest batch: as many row locks are held at once. */
  max: number;
  /** How long the server should work on a batch while nobody else uses it. */
  targetMs: number;
  /**
   * The same while somebody does: whoever wants a row, a processor or the write-ahead log just then waits about as long.
   * It shows in the slowest hundredth of the others' requests.
   */
  sharedTargetMs: number;
  /** How much of the time it works while others use the server, 0 to 1; it rests for what is left. */
  share: number;
  /** Replicas may be this far behind, in time and in bytes of WAL, before the backfill waits for them. */
  maxLagMs: number;
  maxLagBytes: number;
  /** False: no pauses, whatever the load. */
  throttle: boolean;
}

export const defaultPace: Pace = {
  initial: 100,
  max: 10_000,
  targetMs: 100,
  // At 10 ms and half of the time p99 of 200 writes/s tripled; at these it stays below twice (docs/adr/0009, bench/live.ts).
  sharedTargetMs: 3,
  share: 0.25,
  maxLagMs: 10_000,
  maxLagBytes: 256 * 1024 * 1024,
  throttle: true,
};

/** Smaller ones would be mostly round trips. They get smaller all the same where lock_timeout was not kept. */
export const smallestBatch = 10;

/** The next batch's rows: towards the target time, at most twice or half of the last one. */
export function nextSize(size: number, workMs: number, targetMs: number, max: number): number {
  const factor = Math.min(2, Math.max(0.5, targetMs / Math.max(workMs, 0.1)));
  return Math.round(Math.min(max, Math.max(Math.min(smallestBatch, size), size * factor)));
}
