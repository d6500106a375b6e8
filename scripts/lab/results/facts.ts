import type { Cell } from "../cell.ts";

/** Where and when the cells were measured, as name and value. What differs between cells is all named. */
export function factsOf(cells: Cell[]): [string, string][] {
  const each = (pick: (environment: Cell["environment"]) => string | undefined) =>
    [...new Set(cells.map(({ environment }) => pick(environment)).filter((value) => value))].join(" / ");
  const times = cells.map(({ startedAt }) => startedAt);
  const ends = cells.map(({ startedAt, tookSeconds }) => startedAt + tookSeconds * 1_000);
  const facts: [string, string][] = [
    ["Measured", period(Math.min(...times), Math.max(...ends))],
    ["All cells took", `${Math.round(cells.reduce((sum, cell) => sum + cell.tookSeconds, 0) / 60)} minutes`],
    ["Build", [...new Set(cells.map(({ build }) => build))].join(" / ")],
    ["Commit", each(({ commit }) => commit)],
    ["Kubernetes", each(({ kubernetes }) => kubernetes)],
    ["Helm", each(({ helm }) => helm)],
    ["PostgreSQL", each(({ postgresql }) => postgresql)],
    ["Node.js", each(({ node }) => node)],
    ["k6", each(({ k6 }) => k6)],
    ["Replicas", each(({ replicas }) => String(replicas))],
    [
      "Load",
      each(({ rates }) => `${rates.reused} requests/s on reused connections, ${rates.new}/s on new ones`),
    ],
    [
      "Machine",
      each(
        ({ machine }) => `${machine.cores} cores, ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.os}`,
      ),
    ],
  ];
  return facts.filter(([, value]) => value !== "");
}

const minute = (at: number) => new Date(at).toISOString().slice(0, 16).replace("T", " ");
const period = (from: number, to: number) => `${minute(from)} to ${minute(to)} UTC`;
