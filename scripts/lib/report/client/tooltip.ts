import type { ChartData } from "../view/chart-data.ts";
import { laneHeight } from "./chart-failures.ts";

export interface Pointed {
  /** ms since the load's start. */
  time: number;
  /** In the window. */
  x: number;
  y: number;
  /** What lies under the pointer. */
  over: Element | null;
  /** ms that one pixel stands for. */
  perPixel: number;
}

/** Tells of a moment; of none: tells nothing. */
export type Tell = (pointed: Pointed | undefined) => void;

/** The figures of the moment pointed at, beside the pointer, and what is known of the thing under it. */
export function moments(data: ChartData, box: HTMLElement): Tell {
  return (pointed) => {
    box.hidden = pointed === undefined;
    if (pointed === undefined) return;
    box.replaceChildren(heading(data, pointed.time), figures(data, pointed.time), ...thing(data, pointed));
    place(box, pointed);
  };
}

function heading(data: ChartData, time: number): HTMLElement {
  const phases = data.phases.filter(({ from, to }) => time >= from && time < to).map(({ title }) => title);
  const clock = new Date(data.startedAt + time).toISOString().slice(11, 19);
  return make("p", "moment", [
    make("b", "", [momentOf(time)]),
    ` ${clock} UTC`,
    ...(phases.length > 0 ? [make("span", "phase", [phases.join(", ")])] : []),
  ]);
}

function figures({ perSecond, releases }: ChartData, time: number): HTMLElement {
  const { at, ms, served, failed, p50, p99, slowest } = perSecond;
  const row = Math.max(
    0,
    at.findLastIndex((from) => from <= time),
  );
  const rate = (counts: number[] = []) =>
    `${Math.round(((counts[row] ?? 0) * 1_000) / (ms[row] ?? 1_000))}/s`;
  const latency = (figures: (number | null)[]) => {
    const figure = figures[row];
    return figure === null || figure === undefined ? "–" : `${figure} ms`;
  };
  const lines: [string, string, string][] = [
    ...releases.map((release, index): [string, string, string] => [
      `release r${index}`,
      release,
      rate(served[release]),
    ]),
    ["failed", "failed", rate(failed)],
    ["p50", "p50", latency(p50)],
    ["p99", "p99", latency(p99)],
    ["slowest", "slowest", latency(slowest)],
  ];
  return make(
    "dl",
    "",
    lines.map(([swatch, name, value]) =>
      make("div", "", [make("dt", "", [make("i", `swatch ${swatch}`, []), name]), make("dd", "", [value])]),
    ),
  );
}

/** A pod's state, a migration, a lock wait, or the failed request nearest to the pointer. */
function thing(data: ChartData, pointed: Pointed): HTMLElement[] {
  const tip = pointed.over?.closest<HTMLElement>("[data-tip]")?.dataset.tip ?? failureNear(data, pointed);
  return tip ? [make("p", "tip", [tip])] : [];
}

function failureNear(
  { failures, lanes }: ChartData,
  { time, y, over, perPixel }: Pointed,
): string | undefined {
  const host = over?.closest(".lanes");
  if (!host) return undefined;
  const lane = Math.floor((y - host.getBoundingClientRect().top) / laneHeight);
  const reach = 8 * perPixel;
  let nearest: number | undefined;
  failures.at.forEach((at, index) => {
    const distance = Math.abs(at - time);
    if (failures.lane[index] !== lane || distance > reach) return;
    if (nearest === undefined || distance < Math.abs((failures.at[nearest] ?? 0) - time)) nearest = index;
  });
  if (nearest === undefined) return undefined;
  return `${lanes[lane]}\nsent at ${momentOf(failures.at[nearest] ?? 0)}, over after ${failures.ms[nearest]} ms`;
}

function place(box: HTMLElement, { x, y }: Pointed): void {
  const { width, height } = box.getBoundingClientRect();
  const left = x + 18 + width > innerWidth ? x - 18 - width : x + 18;
  const top = Math.min(y + 14, innerHeight - height - 8);
  box.style.left = `${Math.max(8, left)}px`;
  box.style.top = `${Math.max(8, top)}px`;
}

/** 0:42.3 */
const momentOf = (ms: number) =>
  `${Math.floor(ms / 60_000)}:${((ms % 60_000) / 1_000).toFixed(1).padStart(4, "0")}`;

function make(name: string, className: string, content: (string | Node)[]): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  element.append(...content);
  return element;
}
