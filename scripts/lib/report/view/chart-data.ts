import type { PerSecond } from "../record/per-second.ts";
import type { RunRecord } from "../run.ts";
import { phaseTitles } from "./words.ts";

/** What the page's script draws from. */
export interface ChartData {
  /** ms since the epoch. */
  startedAt: number;
  lastsMs: number;
  releases: string[];
  perSecond: PerSecond;
  phases: { title: string; from: number; to: number }[];
  failures: { lanes: number; at: number[]; ms: number[]; lane: number[] };
  /** What each lane of the failures stands for. */
  lanes: string[];
}

/** As many causes have a lane of their own; the rest share one. */
const ownLanes = 8;

export const lanesOf = (causes: { what: string; count: number }[]): { title: string; count: number }[] => {
  const own = causes.slice(0, causes.length > ownLanes ? ownLanes - 1 : ownLanes);
  const rest = causes.slice(own.length);
  return [
    ...own.map(({ what, count }) => ({ title: what, count })),
    ...(rest.length > 0
      ? [{ title: `by ${rest.length} rarer causes`, count: rest.reduce((sum, { count }) => sum + count, 0) }]
      : []),
  ];
};

export function chartData({ startedAt, lastsMs, perSecond, failures, summary }: RunRecord): ChartData {
  const lanes = lanesOf(failures.causes);
  return {
    startedAt,
    lastsMs,
    releases: Object.keys(perSecond.served),
    perSecond,
    phases: summary.phases.map(({ name, from, to }) => ({
      title: phaseTitles[name],
      from: from - startedAt,
      to: to - startedAt,
    })),
    failures: {
      lanes: lanes.length,
      at: failures.at,
      ms: failures.ms,
      lane: failures.cause.map((cause) => Math.min(cause, lanes.length - 1)),
    },
    lanes: lanes.map(({ title }) => title),
  };
}
