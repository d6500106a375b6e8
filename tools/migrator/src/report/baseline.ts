import { type BaselineResult, notChecked } from "../commands/baseline.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Outcome } from "../report.ts";
import { describeDifference } from "../shadow/differences.ts";
import type { Verification } from "../shadow/verify.ts";

export function showBaseline(result: BaselineResult): Outcome {
  const { recorded, history, none, check, dryRun } = result;
  const would = dryRun ? "would record" : "recorded";
  const parts = [
    recorded.length > 0 && `${would} ${recorded.map(({ name }) => name).join(", ")} as applied`,
    history.length > 0 && `${dryRun ? "would keep" : "kept"} ${history.length} older ones as history`,
    none && `${would} that nothing is applied`,
  ].filter((part) => part !== false);
  const said = parts.length > 0 ? parts.join("; ") : "nothing to do";
  return {
    exitCode: ExitCode.Ok,
    summary: check === undefined ? said : `${said}; ${wordsOf(check)}`,
    table: [
      ...recorded.map(({ name, phase }) => `${name}  ${phase}`),
      ...history.map((name) => `${name}  history`),
      ...(check?.state === "differs" ? check.differences.map((one) => `! ${describeDifference(one)}`) : []),
      check === undefined ? said : wordsOf(check),
    ].join("\n"),
    foreign: true,
    result,
  };
}

function wordsOf(check: Verification): string {
  switch (check.state) {
    case "matches":
      return `the schema matches (${check.shadow})`;
    case "differs":
      return `${check.differences.length} differences accepted`;
    case "fails":
      return `not comparable, accepted: ${check.reason}`;
    case "not checked":
      return notChecked(check.reason);
  }
}
