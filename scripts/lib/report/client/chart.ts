import uPlot from "uplot";
import type { ChartData } from "../view/chart-data.ts";
import { colour, font, gutter } from "./theme.ts";

interface ChartOptions extends Partial<uPlot.Options> {
  series: uPlot.Series[];
  height: number;
  /** Whether the time stands below it. */
  times?: boolean;
}

/** What all charts share: one axis of time, the same margins, no pointer of their own. */
export function chart(
  host: HTMLElement,
  data: ChartData,
  options: ChartOptions,
  values: uPlot.AlignedData,
): uPlot {
  const { axes = [], scales = {}, times = true, ...rest } = options;
  return new uPlot(
    {
      width: host.clientWidth,
      cursor: { show: false },
      legend: { show: false },
      padding: [8, marginRight, 0, 0],
      ...rest,
      scales: {
        x: { time: false, range: (_, min, max) => [min ?? 0, max ?? data.lastsMs], auto: false },
        ...scales,
      },
      axes: [{ ...timeAxis, ...(!times && { size: 0, values: () => [] }) }, ...axes],
    },
    values,
    host,
  );
}

/** Room for the half of the last label; the style sheet has the same. */
const marginRight = 14;

export const grid: uPlot.Axis.Grid = { stroke: () => colour("grid"), width: 1 };
const noTicks = { show: false };

export const timeAxis: uPlot.Axis = {
  show: true,
  size: 22,
  gap: 4,
  font: font(),
  stroke: () => colour("soft"),
  grid,
  ticks: noTicks,
  space: 56,
  incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].map((seconds) => seconds * 1_000),
  values: (_, splits) => splits.map(clock),
};

/** 0:40 */
const clock = (ms: number) =>
  `${Math.floor(ms / 60_000)}:${String(Math.round(ms / 1_000) % 60).padStart(2, "0")}`;

export const valueAxis = (more: Partial<uPlot.Axis> = {}): uPlot.Axis => ({
  scale: "y",
  size: () => gutter(),
  gap: 6,
  font: font(),
  stroke: () => colour("soft"),
  grid,
  ticks: noTicks,
  space: 32,
  ...more,
});
