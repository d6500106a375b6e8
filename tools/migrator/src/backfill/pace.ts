/** How fast a backfill may go. */
export interface Pace {
  /** Rows of the first batch. */
  initial: number;
  /** Rows of the largest batch: as many row locks are held at once. */
  max: number;
  /** How long a batch should take: an application that wants one of its rows waits no longer. */
  targetMs: number;
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
  maxLagMs: 10_000,
  maxLagBytes: 256 * 1024 * 1024,
  throttle: true,
};

/**
 * No batch gets smaller because it took longer than wanted: most of that may be the way to the server. It does where
 * lock_timeout was not kept.
 */
export const smallestBatch = 100;

/** The next batch's rows: towards the target time, at most twice or half of the last one. */
export function nextSize(size: number, elapsedMs: number, { targetMs, max }: Pace): number {
  const factor = Math.min(2, Math.max(0.5, targetMs / Math.max(elapsedMs, 0.1)));
  return Math.round(Math.min(max, Math.max(Math.min(smallestBatch, size), size * factor)));
}
