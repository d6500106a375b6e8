import { markdownTable } from "../lib/markdown-table.ts";
import type { SoakRun } from "./run-record.ts";
import { bounds, isLongEnough, turnsToJudge } from "./tally.ts";

/** docs/soak/README.md: every run that was kept, and what they come to together. */
export function soakResults(runs: readonly SoakRun[]): string {
  const sum = (of: (run: SoakRun) => number) => count(runs.reduce((total, run) => total + of(run), 0));
  const machines = new Set(
    runs.map(
      ({ environment: { machine, kubernetes } }) =>
        `${machine.cores} cores (${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.os}), Kubernetes ${kubernetes}`,
    ),
  );
  const total = ["all", "", "", "", ...columns.map(({ of, total }) => total?.(runs) ?? sum(of))];
  return `# Soak

Written by \`make soak OUT=docs/soak\`, which goes through upgrades, rollbacks and restarts in turn under load
([how, and what each turn is held to](../proof.md)). Each row is one run, red ones too; its file here has more.

${markdownTable(
  [
    "run",
    "commit",
    "verdict",
    "requests/s",
    ...columns.map(({ title }) => title),
    ...held.map(({ title }) => title),
  ],
  [
    ...runs.map((run) => [
      `[${startOf(run)}](${startOf(run).replace(" ", "T").replace(":", "")}.json)`,
      run.environment.commit ?? "",
      run.reasons.length === 0 ? "passed" : "failed",
      count(run.environment.rates.reused + run.environment.rates.new),
      ...columns.map(({ of }) => count(of(run))),
      ...held.map(({ of }) => of(run)),
    ]),
    [...total, ...held.map(() => "")],
  ],
)}
On ${[...machines].join("; ")}.

- **lost, duplicated, altered**: of the writes that were acknowledged, each of which is read back.
- **p99 migrating**: that of the upgrade's requests while its migration ran, over the same of an upgrade that found nothing to
  migrate, in the same run; at most ${bounds.migrating}.
- **p99 rollout**: that of the upgrade's rollout over that of a plain restart in the same run; at most ${bounds.rollout}.
  Neither is judged before each turn was made ${turnsToJudge} times.
- **verdict**: _failed_ where a turn was red or a p99 past its bound; the run's file says why.
`;
}

interface Column {
  title: string;
  of(run: SoakRun): number;
  /** In the last row; the sum without it. */
  total?(runs: readonly SoakRun[]): string;
}

const columns: Column[] = [
  { title: "minutes", of: ({ minutes }) => Math.round(minutes) },
  { title: "turns", of: ({ turns }) => Object.values(turns).reduce((sum, made) => sum + made, 0) },
  { title: "red", of: ({ red }) => red.length },
  { title: "requests", of: ({ requests }) => requests },
  { title: "failed", of: ({ failed }) => failed },
  { title: "dropped", of: ({ droppedIterations }) => droppedIterations },
  { title: "writes", of: ({ acknowledgedWrites }) => acknowledgedWrites },
  {
    title: "lost, duplicated, altered",
    of: ({ lostWrites, duplicatedWrites, alteredWrites }) => lostWrites + duplicatedWrites + alteredWrites,
  },
  {
    title: "longest stall (ms)",
    of: ({ longestStallMs }) => longestStallMs,
    total: (runs) => count(Math.max(0, ...runs.map(({ longestStallMs }) => longestStallMs))),
  },
];

const held = (["migrating", "rollout"] as const).map((which) => ({
  title: `p99 ${which}`,
  of: (run: SoakRun) => `${run.ratios[which] ?? "–"} ×${isLongEnough(run) ? "" : ", not judged"}`,
}));

const count = (number: number) => number.toLocaleString("en");
const startOf = ({ startedAt }: SoakRun) => new Date(startedAt).toISOString().slice(0, 16).replace("T", " ");
