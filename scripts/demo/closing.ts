import { type PhaseName, phaseNames, type Summary } from "../lib/load/summary.ts";

const phaseTitles: Record<PhaseName, string> = {
  steady: "steady",
  plainRestart: "plain restart",
  migrating: "while migrating",
  rollout: "rollout",
  backfill: "backfill",
  contract: "contract",
};

/** What the demo prints at its end. */
export function closing(summary: Summary, url: string): string {
  const watched = summary.connections;
  const served = Object.entries(summary.servedBy)
    .map(([release, count]) => `${release} ${count}`)
    .join(", ");
  return [
    "",
    `${summary.from} → ${summary.to} under load`,
    row(
      "requests",
      `${summary.requests} (${summary.requestsPerSecond}/s), failed ${summary.failed}, dropped ${summary.droppedIterations}`,
    ),
    row("served by", `${served}; both at once for ${summary.mixedSeconds} s`),
    row(
      "writes",
      `${summary.acknowledgedWrites} acknowledged and read back: lost ${summary.lostWrites}, duplicated ${summary.duplicatedWrites}, altered ${summary.alteredWrites}`,
    ),
    row("longest stall", `${summary.longestStallMs} ms`),
    row(
      "connections",
      `${watched.opened} watched byte by byte, ${watched.answered} answers: cut ${watched.cut}, unanswered ${watched.unanswered}, reset while idle ${watched.resetIdle}`,
    ),
    ...rolledOut(summary),
    ...contracted(summary),
    ...latencyTable(summary),
    ...summary.failures
      .slice(0, 8)
      .map((failure) => row("failed", `${failure.count} × ${failure.what}: ${failure.example.slice(0, 90)}`)),
    ...summary.lostExamples.map((example) => row("ledger", example)),
    "",
    summary.verdict === "passed"
      ? "PASSED  No request failed and no acknowledged write was lost."
      : `FAILED  ${summary.reasons.join("; ")}.`,
    "",
    `The blog: ${url}   Report: artifacts/demo/report.html   Figures: artifacts/demo/summary.json`,
    summary.verdict === "passed" ? next(summary) : "Next: make demo   (v1 → v2, must pass)",
    "",
  ].join("\n");
}

function latencyTable(summary: Summary): string[] {
  const cells = (values: (string | number)[]) => values.map((value) => String(value).padStart(9)).join("");
  return [
    row("latency (ms)", cells(["p50", "p95", "p99", "requests"])),
    ...phaseNames.flatMap((name) => {
      const figures = summary.latency[name];
      if (!figures) return [];
      const { p50, p95, p99, requests } = figures;
      return [
        row(`  ${phaseTitles[name]}`, cells([p50.toFixed(1), p95.toFixed(1), p99.toFixed(1), requests])),
      ];
    }),
  ];
}

const next = ({ to }: Summary): string =>
  to === "v2"
    ? "Next: make demo FROM=v2 TO=v3   (backfill and contract), make demo TO=broken-rename   (must fail)"
    : "Next: make demo TO=broken-rename   (must fail: it shows that this test can)";

function rolledOut({ rolloutSeconds, plainRestartSeconds }: Summary): string[] {
  if (rolloutSeconds === undefined || plainRestartSeconds === undefined) return [];
  const ratio = (rolloutSeconds / plainRestartSeconds).toFixed(2);
  return [
    row(
      "rollout",
      `${rolloutSeconds} s (migration's end to last new pod ready), plain restart ${plainRestartSeconds} s, ratio ${ratio}`,
    ),
  ];
}

const contracted = ({ contractSeconds }: Summary): string[] =>
  contractSeconds === undefined ? [] : [row("contract", `done ${contractSeconds} s after helm upgrade`)];

const row = (name: string, text: string) => `  ${name.padEnd(17)} ${text}`;
