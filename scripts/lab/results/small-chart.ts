import { type Html, html } from "../../lib/report/view/html.ts";
import { number } from "../../lib/report/view/words.ts";
import type { LoadFigures } from "../cell.ts";

/** Of the drawing, in its own units; it is as wide as its place on the page. */
const width = 240;
const height = 64;

export interface Scale {
  /** Seconds and requests per second that fit, the same for all charts that stand side by side. */
  seconds: number;
  requests: number;
}

export function scaleOf(loads: LoadFigures[]): Scale {
  const rows = loads.map(({ perSecond }) => perSecond);
  return {
    seconds: Math.max(1, ...rows.map(({ ok }) => ok.length)),
    requests: Math.max(
      1,
      ...rows.flatMap(({ ok, failed }) => ok.map((count, row) => count + (failed[row] ?? 0))),
    ),
  };
}

/** Requests by the second: answered ones, failed ones on top of them, and when the order was given. */
export function smallChart(load: LoadFigures, scale: Scale, label: string): Html {
  const { ok, failed } = load.perSecond;
  const all = ok.map((count, row) => count + (failed[row] ?? 0));
  const order = (load.orderedAt / scale.seconds) * width;
  const said = `${label}: ${number(load.failed)} of ${number(load.requests)} requests failed, at most ${load.longestGapSeconds} s without an answer`;
  return html`<svg class="small" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${said}">
<path class="failed" d="${steps(all, scale)}"/><path class="ok" d="${steps(ok, scale)}"/>
<line class="order" x1="${round(order)}" x2="${round(order)}" y1="0" y2="${height}"/>
</svg>`;
}

/** An area of one step a second, from the left edge down to the base. */
export function steps(counts: number[], { seconds, requests }: Scale): string {
  const x = (row: number) => round((row / seconds) * width);
  const y = (count: number) => round(height - (count / requests) * (height - 2));
  const tops = counts.map((count, row) => `V${y(count)}H${x(row + 1)}`);
  return `M0 ${height}${tops.join("")}V${height}Z`;
}

const round = (value: number) => Math.round(value * 10) / 10;
