import type { Answer } from "../../load/raw.ts";
import { percentiles } from "../../load/statistics.ts";

/** One column for each figure, one row for each second. */
export interface PerSecond {
  /** Start of each second, ms since the load's start. */
  at: number[];
  /** How long each is, in ms: 1000, except for the last one. */
  ms: number[];
  /** Requests answered as expected, by release, in the order in which the releases came. */
  served: Record<string, number[]>;
  failed: number[];
  /** Latency in ms; null where nothing was answered. */
  p50: (number | null)[];
  p99: (number | null)[];
  slowest: (number | null)[];
}

const second = 1_000;

/** Figures by the second in which a request was sent, as everywhere in the verdict. */
export function perSecond(answers: Answer[], versions: string[]): PerSecond {
  const start = answers[0]?.t ?? 0;
  const lasts = (answers.at(-1)?.t ?? start) - start;
  const rows = rowsOf(lasts);
  const sent: Answer[][] = rows.map(() => []);
  for (const answer of answers)
    sent[Math.min(Math.floor((answer.t - start) / second), rows.length - 1)]?.push(answer);
  const latency = sent.map(percentiles);
  const told = (pick: (index: number) => number) =>
    latency.map(({ requests }, index) => (requests === 0 ? null : round(pick(index))));
  return {
    at: rows.map((_, index) => index * second),
    ms: rows,
    served: Object.fromEntries(
      versions.map((version) => [version, sent.map((all) => count(all, ({ ok, v }) => ok && v === version))]),
    ),
    failed: sent.map((all) => count(all, ({ ok }) => !ok)),
    p50: told((index) => latency[index]?.p50 ?? 0),
    p99: told((index) => latency[index]?.p99 ?? 0),
    slowest: told((index) => Math.max(...(sent[index] ?? []).filter(({ s }) => s > 0).map(({ d }) => d))),
  };
}

/** Lengths of the seconds. A rest too short to be counted per second is added to the last whole one. */
function rowsOf(lastsMs: number): number[] {
  const whole = Math.floor(lastsMs / second);
  const rest = lastsMs - whole * second;
  const rows = Array.from({ length: whole }, () => second);
  if (rest >= second / 2 || whole === 0) return [...rows, Math.max(rest, 1)];
  return [...rows.slice(0, -1), second + rest];
}

const count = (answers: Answer[], holds: (answer: Answer) => boolean) => answers.filter(holds).length;

const round = (ms: number) => Math.round(ms * 10) / 10;
