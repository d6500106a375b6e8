import type { RollbackResult } from "../commands/rollback.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Outcome } from "../report.ts";

export function showRollback(result: RollbackResult): Outcome {
  const names = result.reverted.map(({ name }) => name);
  const summary = names.length > 0 ? `reverted ${names.join(", ")}` : "nothing to revert";
  return { exitCode: ExitCode.Ok, summary, result };
}
