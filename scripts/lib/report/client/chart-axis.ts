import type uPlot from "uplot";
import type { ChartData } from "../view/chart-data.ts";
import { chart, timeAxis, valueAxis } from "./chart.ts";

/** The time once more, below everything. */
export const axis = (host: HTMLElement, data: ChartData): uPlot =>
  chart(
    host,
    data,
    {
      height: (timeAxis.size as number) + 2,
      padding: [0, 14, 0, 0],
      series: [{}, { scale: "y", show: false }],
      scales: { y: { range: [0, 1] } },
      axes: [valueAxis({ values: () => [], grid: { show: false } })],
    },
    [
      [0, data.lastsMs],
      [null, null],
    ],
  );
