import type uPlot from "uplot";
import type { ChartData } from "../view/chart-data.ts";
import { chart, grid, valueAxis } from "./chart.ts";
import { colour, faint } from "./theme.ts";

const height = 190;

/** Latency by second, on a logarithmic axis: milliseconds and seconds are both to be read. */
export function latency(host: HTMLElement, data: ChartData): uPlot {
  const { at, ms, p50, p99, slowest } = data.perSecond;
  const middle = at.map((from, row) => from + (ms[row] ?? 1_000) / 2);
  const line = (name: string, width: number, more: Partial<uPlot.Series> = {}): uPlot.Series => ({
    scale: "y",
    points: { show: false },
    width,
    stroke: () => colour(name),
    ...more,
  });
  return chart(
    host,
    data,
    {
      height,
      series: [
        {},
        line("slowest", 1.25, { dash: [2, 3] }),
        line("p99", 2, { fill: () => faint("p99", 0.12) }),
        line("p50", 1.5),
      ],
      bands: [{ series: [2, 3] }],
      scales: {
        y: { distr: 3, log: 10, range: (_, min, max) => [decade(min, Math.floor), decade(max, Math.ceil)] },
      },
      axes: [
        valueAxis({
          values: (_, ticks) => ticks.map((ms) => (isDecade(ms) ? labelOf(ms) : "")),
          grid: { ...grid, filter: (_, ticks) => ticks.map((ms) => (isDecade(ms) ? ms : null)) },
          filter: (_, ticks) => ticks,
        }),
      ],
    },
    [middle, slowest, p99, p50],
  );
}

const decade = (ms: number | null, round: (exponent: number) => number) =>
  10 ** round(Math.log10(Math.max(ms ?? 1, 0.1)));

/** A line and a label at 1, 10, 100; those in between would be a crowd. */
const isDecade = (ms: number) => Math.abs(Math.log10(ms) - Math.round(Math.log10(ms))) < 1e-6;

const labelOf = (ms: number) => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);
