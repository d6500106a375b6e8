import type { BackfillResult } from "../commands/backfill.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Outcome } from "../report.ts";

export function showBackfill(result: BackfillResult): Outcome {
  const { name, outcome, backfills } = result;
  const rows = backfills.reduce((sum, { rowsDone }) => sum + rowsDone, 0);
  const summary =
    outcome === "nothing to do"
      ? `nothing to do: ${name} is applied (--again sweeps once more)`
      : `${outcome} ${name}: ${rows} rows changed`;
  return { exitCode: ExitCode.Ok, summary, result };
}
