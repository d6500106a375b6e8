import { InvalidArgumentError } from "commander";

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Of Node's timers, which go off at once beyond it, and of PostgreSQL's settings in milliseconds. */
const longestMs = 2 ** 31 - 1;

/** "500ms", "30s", "5m", "1h" in milliseconds; a bare number counts seconds. */
export function duration(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError("Write a duration as 500ms, 30s, 5m or 1h.");
  const ms = Math.round(Number(amount) * units[unit as keyof typeof units]);
  if (ms > longestMs) throw new InvalidArgumentError("It must be at most 596h: no timer lasts longer.");
  return ms;
}

/** For limits that PostgreSQL takes in milliseconds, where 0 would mean none at all. */
export function positiveDuration(text: string): number {
  const ms = duration(text);
  if (ms < 1) throw new InvalidArgumentError("It must be at least 1ms: to PostgreSQL 0 means no limit.");
  return ms;
}
