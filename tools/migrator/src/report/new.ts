import type { NewResult } from "../commands/new.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Outcome } from "../report.ts";

export function showNew(result: NewResult): Outcome {
  const { files, next } = result;
  return {
    exitCode: ExitCode.Ok,
    summary: `wrote ${files.map(({ name }) => name).join(", ")}`,
    result,
    facts: { files: files.length },
    table: [...files.map(({ path, phase }) => `${phase.padEnd(8)}  ${path}`), "", ...next].join("\n"),
  };
}
