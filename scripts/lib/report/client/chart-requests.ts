import uPlot from "uplot";
import type { ChartData } from "../view/chart-data.ts";
import { chart, valueAxis } from "./chart.ts";
import { colour, faint } from "./theme.ts";

const height = 190;

/** Requests per second, one release on top of the other, what failed on top of all. */
export function requests(host: HTMLElement, data: ChartData): uPlot {
  const { at, ms, served, failed } = data.perSecond;
  const layers = [
    ...data.releases.map((release, index) => ({ colour: `r${index}`, counts: served[release] ?? [] })),
    { colour: "failed", counts: failed },
  ];
  const sums = stacked(
    layers.map(({ counts }) => counts.map((count, row) => (count * 1_000) / (ms[row] ?? 1_000))),
  );
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  // From the top down, so that each one's line lies on what is below it.
  const drawn = layers.map((layer, index) => ({ ...layer, sums: sums[index] ?? [] })).reverse();
  return chart(
    host,
    data,
    {
      height,
      series: [
        {},
        ...drawn.map(
          (layer): uPlot.Series => ({
            scale: "y",
            ...(stepped && { paths: stepped }),
            points: { show: false },
            width: 1.25,
            stroke: () => colour(layer.colour),
            fill: () => faint(layer.colour, 0.72),
          }),
        ),
      ],
      bands: drawn.slice(1).map((_, index) => ({ series: [index + 1, index + 2] as [number, number] })),
      scales: { y: { range: (_, __, max) => [0, Math.max(10, max * 1.08)] } },
      axes: [valueAxis()],
    },
    [[...at, data.lastsMs], ...drawn.map((layer) => [...layer.sums, layer.sums.at(-1) ?? 0])],
  );
}

/** Each layer's upper edge. */
export function stacked(layers: number[][]): number[][] {
  let below: number[] = [];
  return layers.map((layer) => {
    below = layer.map((value, row) => value + (below[row] ?? 0));
    return below;
  });
}
