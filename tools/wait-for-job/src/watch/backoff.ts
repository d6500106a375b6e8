import type { Timing } from "../timing.ts";

/**
 * How long to wait after the nth failure in a row: doubling, capped, and spread over half its length, so that the
 * pods of a rollout do not come back to a recovering API server all at once. What the server asked for in
 * Retry-After is the least.
 */
export function backoff(
  failures: number,
  timing: Pick<Timing, "backoffBase" | "backoffCap">,
  retryAfter = 0,
  random: () => number = Math.random,
): number {
  const full = Math.min(timing.backoffCap, timing.backoffBase * 2 ** Math.min(failures - 1, 30));
  return Math.max(full / 2, retryAfter) + (full / 2) * random();
}

/** Retry-After in milliseconds: seconds or an HTTP date. Bounded, since nobody should sleep for a day on one header. */
export function parseRetryAfter(header: string | undefined, now: number = Date.now()): number {
  if (header === undefined) return 0;
  const value = header.trim();
  // Only what ends like an HTTP date: Date.parse finds a year in almost anything, even in "-1".
  const date = value.endsWith("GMT") ? Date.parse(value) : Number.NaN;
  const wanted = /^\d+$/.test(value) ? Number(value) * 1000 : date - now;
  return Number.isFinite(wanted) ? Math.min(Math.max(wanted, 0), 60_000) : 0;
}
