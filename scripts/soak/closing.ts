import { bounds, isLongEnough, ratios, type Tally, turnsToJudge } from "./tally.ts";

/** What a soak prints at its end, and shows of itself on the way. */
export function closing(tally: Tally, minutes: number): string {
  const turns = Object.entries(tally.turns).map(([name, count]) => `${count} × ${name}`);
  const { opened, answered, cut, unanswered, resetIdle } = tally.connections;
  const served = Object.entries(tally.servedBy).map(([release, count]) => `${release} ${count}`);
  const { migrating, rollout } = ratios(tally);
  const bound = (most: number) =>
    isLongEnough(tally) ? `bound ${most}` : `not judged: it takes ${turnsToJudge} of each turn`;
  return [
    "",
    `Soak of ${minutes.toFixed(1)} minutes`,
    row("turns", turns.join(", ")),
    row("requests", `${tally.requests}, failed ${tally.failed}, dropped ${tally.droppedIterations}`),
    row("served by", served.join(", ")),
    row(
      "writes",
      `${tally.acknowledgedWrites} acknowledged and read back: lost ${tally.lostWrites}, duplicated ${tally.duplicatedWrites}, altered ${tally.alteredWrites}`,
    ),
    row(
      "connections",
      `${opened} watched byte by byte, ${answered} answers: cut ${cut}, unanswered ${unanswered}, reset while idle ${resetIdle}`,
    ),
    row("longest stall", `${tally.longestStallMs} ms`),
    row("latency (ms)", cells(["p50", "p95", "p99", "requests"])),
    ...Object.entries(tally.latency).map(([name, { p50, p95, p99, requests }]) =>
      row(`  ${name}`, cells([p50.toFixed(1), p95.toFixed(1), p99.toFixed(1), requests])),
    ),
    row(
      "p99 migrating",
      `${migrating ?? "–"} times that of a migration with nothing to do (${bound(bounds.migrating)})`,
    ),
    row("p99 rollout", `${rollout ?? "–"} times that of a plain restart (${bound(bounds.rollout)})`),
    ...tally.red.map(({ turn, name, reasons }) => row("red", `turn ${turn}, ${name}: ${reasons.join("; ")}`)),
    "",
  ].join("\n");
}

const row = (name: string, text: string) => `  ${name.padEnd(38)} ${text}`;
const cells = (values: (string | number)[]) => values.map((value) => String(value).padStart(9)).join("");
