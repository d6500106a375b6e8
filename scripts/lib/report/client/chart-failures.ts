import type uPlot from "uplot";
import type { ChartData } from "../view/chart-data.ts";
import { chart, valueAxis } from "./chart.ts";
import { faint } from "./theme.ts";

/** As in the style sheet. */
export const laneHeight = 44;
const titleHeight = 18;
const radius = 2.3;

/** A dot for each failed request, in the lane of its cause. How high in the lane means nothing; it keeps dots apart. */
export function failures(host: HTMLElement, data: ChartData): uPlot {
  const { lanes, at, lane } = data.failures;
  return chart(
    host,
    data,
    {
      height: lanes * laneHeight,
      times: false,
      padding: [0, 14, 0, 0],
      series: [{}, { scale: "y", show: false }],
      scales: { y: { range: [0, 1] } },
      axes: [valueAxis({ values: () => [], grid: { show: false } })],
      hooks: { draw: [(u) => drawDots(u, at, lane)] },
    },
    [
      [0, data.lastsMs],
      [null, null],
    ],
  );
}

function drawDots(u: uPlot, at: number[], lane: number[]): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = faint("failed", 0.6);
  const room = laneHeight - titleHeight - 2 * radius - 4;
  at.forEach((time, index) => {
    const x = u.valToPos(time, "x", true);
    const y = ((lane[index] ?? 0) * laneHeight + titleHeight + radius + scatter(index) * room) * ratio;
    ctx.beginPath();
    ctx.arc(x, bbox.top + y, radius * ratio, 0, 2 * Math.PI);
    ctx.fill();
  });
  ctx.restore();
}

/** Between 0 and 1, evenly spread: multiples of the golden ratio. */
const scatter = (index: number) => (index * 0.618034) % 1;
