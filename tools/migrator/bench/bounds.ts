import type { Live } from "./live.ts";
import type { Start } from "./start.ts";
import type { Throughput } from "./throughput.ts";

export interface Results {
  date: string;
  machine: { processor: string | undefined; cores: number; memoryMb: number };
  versions: { node: string; postgres: string | undefined };
  throughput?: Throughput[];
  start?: Start;
  live?: Live;
}

export const bounds = {
  /** Of the speed of one plain UPDATE, at 300,000 rows. */
  ratio: 0.6,
  /** How much more time a row may take at 1,000,000 rows than at 10,000. */
  slowdown: 1.2,
  peakMb: 120,
  startMs: 300,
  lockWaitMs: 600,
  p99Ratio: 2,
};

/** What did not hold, in words. A bound whose size was not measured is not judged. */
export function judge({ throughput = [], start, live }: Results): string[] {
  const at = (rows: number) => throughput.find((result) => result.rows === rows);
  const [small, middle, large] = [at(10_000), at(300_000), at(1_000_000)];
  const peakMb = Math.max(...throughput.map((result) => result.peakMb ?? 0));
  const slowdown = small && large ? small.oursInside / large.oursInside : 0;
  const broken: [boolean, string][] = [
    [
      middle !== undefined && middle.ratio < bounds.ratio,
      `at 300k rows ours has ${middle?.ratio} of the speed of a plain UPDATE, at least ${bounds.ratio} are promised`,
    ],
    [
      slowdown > bounds.slowdown,
      `a row takes ${slowdown.toFixed(2)} times as long at 1M rows as at 10k, at most ${bounds.slowdown} are promised`,
    ],
    [peakMb > bounds.peakMb, `the migrator took ${peakMb} MB, at most ${bounds.peakMb} are promised`],
    [
      start !== undefined && start.p50Ms > bounds.startMs,
      `"nothing to do" took ${start?.p50Ms} ms, at most ${bounds.startMs} are promised`,
    ],
    [
      live !== undefined && live.longestWaitMs > bounds.lockWaitMs,
      `a query waited ${live?.longestWaitMs} ms for a lock of ours, at most ${bounds.lockWaitMs} are promised`,
    ],
    [
      live !== undefined && live.p99Ratio > bounds.p99Ratio,
      `p99 of the writes was ${live?.p99Ratio} times that before, at most ${bounds.p99Ratio} are promised`,
    ],
    [live !== undefined && live.failed > 0, `${live?.failed} queries failed under live load`],
  ];
  return broken.filter(([is]) => is).map(([, sentence]) => sentence);
}
