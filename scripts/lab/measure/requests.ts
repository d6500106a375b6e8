import type { Answer } from "../../lib/load/raw.ts";
import { failureCauses, longestStallMs, percentiles } from "../../lib/load/statistics.ts";
import type { LoadFigures } from "../cell.ts";

const second = 1_000;

/** What clients saw. Everything is from the raw lines; `orderedAt` in ms since the epoch. */
export function loadFigures(answers: Answer[], orderedAt: number, lostWrites: number): LoadFigures {
  const start = answers[0]?.t ?? orderedAt;
  const rows = Math.floor(((answers.at(-1)?.t ?? start) - start) / second) + 1;
  const ok = Array.from({ length: rows }, () => 0);
  const failed = Array.from({ length: rows }, () => 0);
  for (const answer of answers) {
    const row = Math.floor((answer.t - start) / second);
    const column = answer.ok ? ok : failed;
    column[row] = (column[row] ?? 0) + 1;
  }
  const p99 = (holds: (answer: Answer) => boolean) => round(percentiles(answers.filter(holds)).p99);
  return {
    requests: answers.length,
    failed: answers.filter((answer) => !answer.ok).length,
    causes: failureCauses(answers)
      .slice(0, 5)
      .map(({ what, count }) => ({ what, count })),
    longestGapSeconds: round(longestStallMs(answers) / second),
    secondsWithFailures: failed.filter((count) => count > 0).length,
    p99Steady: p99(({ t }) => t < orderedAt),
    p99: p99(({ t }) => t >= orderedAt),
    lostWrites,
    perSecond: { ok, failed },
    orderedAt: Math.floor((orderedAt - start) / second),
  };
}

const round = (value: number) => Math.round(value * 10) / 10;
