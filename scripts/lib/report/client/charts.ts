import type uPlot from "uplot";
import type { ChartData } from "../view/chart-data.ts";
import { axis } from "./chart-axis.ts";
import { failures } from "./chart-failures.ts";
import { latency } from "./chart-latency.ts";
import { requests } from "./chart-requests.ts";

export interface Charts {
  /** Shows a stretch of time, in ms since the load's start. */
  show(from: number, to: number): void;
  redraw(): void;
  resize(): void;
}

type Draw = (host: HTMLElement, data: ChartData) => uPlot;

const kinds: Record<string, Draw> = { requests, latency, failures, axis };

/** Draws each chart the page has room for, and again when the page's width or its colours change. */
export function drawCharts(data: ChartData): Charts {
  const drawn = Object.entries(kinds).flatMap(([id, draw]) => {
    const host = document.getElementById(id);
    return host ? [{ host, chart: draw(host, data) }] : [];
  });
  const charts: Charts = {
    show(from, to) {
      for (const { chart } of drawn) chart.setScale("x", { min: from, max: to });
    },
    redraw() {
      for (const { chart } of drawn) chart.redraw(false, true);
    },
    resize() {
      for (const { host, chart } of drawn) chart.setSize({ width: host.clientWidth, height: chart.height });
    },
  };
  charts.show(0, data.lastsMs);
  new ResizeObserver(() => charts.resize()).observe(document.getElementById("plots") as HTMLElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.redraw());
  return charts;
}
