import type { Answer } from "../../load/raw.ts";
import { causeOf, percentiles } from "../../load/statistics.ts";

/** The answers of one release so far; "" are those that no release is known of. */
interface Counted {
  answered: number;
  failed: number;
  firstFailure?: string;
  lastFailure?: string;
  /** By the second in which a request was sent. */
  seconds: Map<number, Second>;
}

interface Second {
  requests: number;
  failed: number;
}

export interface LoadCounts {
  versions: Map<string, Counted>;
  /** The newest, for latencies. */
  recent: Answer[];
  lastAt: number;
}

export interface VersionLoad {
  version: string;
  perSecond: number;
  answered: number;
  failed: number;
  firstFailure: string | undefined;
  lastFailure: string | undefined;
  /** Second by second, the newest last. */
  seconds: Second[];
}

/** Requests as they are right now. */
export interface LoadView {
  perSecond: number;
  p99: number;
  failed: number;
  versions: VersionLoad[];
}

/** How many seconds are kept to be drawn. */
export const drawnSeconds = 60;
/** A load that nothing was heard of for so long has ended. */
const endedAfterMs = 15_000;
const rateOverSeconds = 3;
const latencyOverMs = 5_000;

export const noCounts = (): LoadCounts => ({ versions: new Map(), recent: [], lastAt: 0 });

const secondOf = (ms: number) => Math.floor(ms / 1000);

/** Adds finished requests, in any order. */
export function addAnswers(counts: LoadCounts, answers: Answer[]): void {
  for (const answer of answers) {
    const counted: Counted = counts.versions.get(answer.v) ?? { answered: 0, failed: 0, seconds: new Map() };
    counts.versions.set(answer.v, counted);
    const at = secondOf(answer.t);
    const second = counted.seconds.get(at) ?? { requests: 0, failed: 0 };
    counted.seconds.set(at, second);
    second.requests++;
    counted.answered++;
    counts.lastAt = Math.max(counts.lastAt, answer.t);
    if (answer.ok) continue;
    second.failed++;
    counted.failed++;
    counted.lastFailure = [causeOf(answer), answer.e].filter(Boolean).join(": ");
    counted.firstFailure ??= counted.lastFailure;
  }
  const oldest = secondOf(counts.lastAt) - drawnSeconds - rateOverSeconds;
  for (const { seconds } of counts.versions.values())
    for (const at of seconds.keys()) if (at < oldest) seconds.delete(at);
  counts.recent = [...counts.recent, ...answers].filter(({ t }) => t >= counts.lastAt - latencyOverMs);
}

/** The figures at a moment; undefined before the first request and after the load's end. */
export function loadView(counts: LoadCounts, now: number): LoadView | undefined {
  if (now - counts.lastAt > endedAfterMs) return undefined;
  // Of the second that still runs, not every request is answered.
  const last = secondOf(now) - 1;
  const versions = [...counts.versions].map(([version, counted]) => {
    const { answered, failed, firstFailure, lastFailure, seconds } = counted;
    const at = (second: number) => seconds.get(second) ?? { requests: 0, failed: 0 };
    const drawn = Array.from({ length: drawnSeconds }, (_, index) => at(last - drawnSeconds + 1 + index));
    const rated = drawn.slice(-rateOverSeconds).reduce((sum, { requests }) => sum + requests, 0);
    return {
      version,
      perSecond: Math.round(rated / rateOverSeconds),
      answered,
      failed,
      firstFailure,
      lastFailure,
      seconds: drawn,
    };
  });
  const sum = (pick: (one: VersionLoad) => number) => versions.reduce((total, one) => total + pick(one), 0);
  return {
    perSecond: sum((one) => one.perSecond),
    p99: percentiles(counts.recent).p99,
    failed: sum((one) => one.failed),
    versions,
  };
}
