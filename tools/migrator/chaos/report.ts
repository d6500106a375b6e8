import type { Kind } from "./campaign.ts";
import { moments } from "./moments.ts";
import type { Trial } from "./trial.ts";

export interface Line {
  kind: string;
  wanted: number;
  counted: number;
  tried: number;
  violations: number;
  phases: Record<string, number>;
  medianMs: number;
}

/** One line for each moment, and each kind of cut. */
export function linesOf(kinds: readonly Kind[], trials: readonly Trial[]): Line[] {
  const groups = Map.groupBy(kinds, ({ name }) => groupOf(name));
  return [...groups].map(([kind, members]) => {
    const tried = trials.filter(({ name }) => groupOf(name) === kind);
    const counted = tried.filter((trial) => trial.counted);
    const phases: Record<string, number> = {};
    for (const { phase = "" } of counted) phases[phase] = (phases[phase] ?? 0) + 1;
    return {
      kind,
      wanted: members.reduce((sum, { wanted }) => sum + wanted, 0),
      counted: counted.length,
      tried: tried.length,
      violations: tried.filter(({ violations }) => violations.length > 0).length,
      phases,
      medianMs: median(tried.map(({ durationMs }) => durationMs)),
    };
  });
}

/** kill/backfill/3 → kill/backfill. */
const groupOf = (name: string) => name.split("/").slice(0, 2).join("/");

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** What did not hold, in words. */
export function broken(lines: readonly Line[], trials: readonly Trial[]): string[] {
  return [
    ...lines
      .filter(({ counted, wanted }) => counted < wanted)
      .map(({ kind, counted, wanted }) => `${kind}: ${counted} of ${wanted} fell where they were meant to`),
    ...trials.flatMap(({ name, violations }) => violations.map((violation) => `${name}: ${violation}`)),
  ];
}

export function show(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ kind }) => kind.length));
  return lines
    .map(({ kind, counted, tried, violations, phases, medianMs }) => {
      const where = Object.entries(phases).map(([phase, n]) => `${phase} ${n}`);
      return `${kind.padEnd(width)} ${String(counted).padStart(4)} inside of ${String(tried).padStart(3)}   ${violations} with violations   ${(medianMs / 1000).toFixed(1)} s each   ${where.join(", ")}`;
    })
    .join("\n");
}

/** Kills of each group that is asked for. */
export const groups = (lines: readonly Line[]) =>
  Object.fromEntries(
    ["concurrently", "validate", "backfill", "commit-to-exit"].map((group) => [
      group,
      lines
        .filter(({ kind }) => moments.some((one) => one.group === group && kind === `kill/${one.name}`))
        .reduce((sum, { counted }) => sum + counted, 0),
    ]),
  );
