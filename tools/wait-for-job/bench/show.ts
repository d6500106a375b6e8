import type { Results } from "./bounds.ts";

/** The figures for a person. */
export function show({ reactions, start, fleet, bundle, machine, versions }: Results): string {
  const rows = reactions.map(({ name, what, runs, reactionMs: { median, p99, max }, peakMb, requests }) => [
    name,
    String(runs),
    ms(median),
    ms(p99),
    ms(max),
    peakMb.toFixed(1),
    String(requests.median),
    what,
  ]);
  const head = ["from Complete to exit (ms)", "runs", "median", "p99", "max", "peak MB", "requests", ""];
  return [
    `${machine.processor}, ${machine.cores} cores; Node ${versions.node}, kubectl ${versions.kubectl}, PostgreSQL ${versions.postgres}`,
    "",
    table([head, ...rows]),
    "",
    `start to first WATCH   ${ms(start.toFirstWatchMs.median)} ms, ${start.ratio} times node -e 0 (${ms(start.bareMs.median)} ms)`,
    `bundle                 ${bundle.kbWithoutPg} KB without pg, ${bundle.kbWithPg} KB with`,
    `${fleet.gates} gates on one Job   the first opens after ${ms(fleet.firstMs)} ms, the last after ${ms(fleet.lastMs)} ms; ${fleet.lists} LIST and ${fleet.watches} WATCH each at most`,
  ].join("\n");
}

const ms = (value: number) => value.toFixed(value < 100 ? 1 : 0);

/** Names to the left, figures to the right, the last column as it is. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          if (column === 0) return cell.padEnd(widths[0] ?? 0);
          return column === row.length - 1 ? ` ${cell}` : cell.padStart(widths[column] ?? 0);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
