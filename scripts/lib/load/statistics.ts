import type { Answer } from "./raw.ts";

export interface Percentiles {
  requests: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface Window {
  /** ms since the epoch */
  from: number;
  to: number;
}

export const within = (answers: Answer[], window: Window): Answer[] =>
  answers.filter((answer) => answer.t >= window.from && answer.t < window.to);

/** Nearest-rank percentiles of the duration in ms, over every request that got an answer. */
export function percentiles(answers: Pick<Answer, "s" | "d">[]): Percentiles {
  const sorted = answers
    .filter((answer) => answer.s > 0)
    .map((answer) => answer.d)
    .sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { requests: sorted.length, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99) };
}

/** The longest time in which no request was answered as expected, from the first start to the last end. */
export function longestStallMs(answers: Answer[]): number {
  const ends = answers
    .filter((answer) => answer.ok)
    .map((answer) => answer.t + answer.d)
    .sort((a, b) => a - b);
  const first = answers[0];
  if (!first || ends.length === 0) return Number.POSITIVE_INFINITY;
  const last = answers.reduce((latest, answer) => Math.max(latest, answer.t + answer.d), 0);
  let longest = 0;
  let previous = first.t;
  for (const end of [...ends, last]) {
    longest = Math.max(longest, end - previous);
    previous = end;
  }
  return Math.round(longest);
}

export function servedBy(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { v } of answers) if (v) counts[v] = (counts[v] ?? 0) + 1;
  return counts;
}

/** Seconds in which old and new release both answered: first answer of the new one to last of the old one. */
export function mixedSeconds(answers: Answer[], from: string, to: string): number {
  const firstNew = answers.find((answer) => answer.v === to);
  const lastOld = answers.findLast((answer) => answer.v === from);
  return firstNew && lastOld ? Math.max(0, Math.round((lastOld.t - firstNew.t) / 100) / 10) : 0;
}

export interface FailureCause {
  /** e.g. "create → 500 from v1" */
  what: string;
  count: number;
  /** What the first of them said. */
  example: string;
}

/** What went wrong with a failed request, in the words that failures are counted by. */
export const causeOf = ({ k, s, v }: Answer): string =>
  `${k} → ${s === 0 ? "no answer" : `${s} from ${v || "an unknown release"}`}`;

/** Failed requests by what went wrong, most frequent first. */
export function failureCauses(answers: Answer[]): FailureCause[] {
  const causes = new Map<string, FailureCause>();
  for (const answer of answers) {
    if (answer.ok) continue;
    const what = causeOf(answer);
    const cause = causes.get(what) ?? { what, count: 0, example: answer.e ?? "" };
    cause.count++;
    causes.set(what, cause);
  }
  return [...causes.values()].sort((a, b) => b.count - a.count);
}
