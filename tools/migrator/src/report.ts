import { classify } from "./classify.ts";
import type { BootstrapResult } from "./commands/bootstrap.ts";
import { ExitCode } from "./exit-codes.ts";
import type { Log } from "./log.ts";
import { redact } from "./redact.ts";

/** What a command ends with: an exit code, one sentence for the log, and the result. */
export interface Outcome {
  exitCode: ExitCode;
  summary: string;
  result: object;
  /** For people, on stdout, when `--json` is not given. */
  table?: string;
  /** What the summary line carries instead of a result that is too long for one line. */
  facts?: object;
}

export function reportResult(outcome: Outcome, { log, json }: { log: Log; json: boolean }): void {
  if (json) print(JSON.stringify({ exitCode: outcome.exitCode, ...outcome.result }));
  else if (outcome.table !== undefined) print(outcome.table);
  log.info(
    { event: "summary", exitCode: outcome.exitCode, ...(!json && (outcome.facts ?? outcome.result)) },
    outcome.summary,
  );
}

export function reportError(error: unknown, options: { log: Log; json: boolean; verbose: boolean }): Outcome {
  const known = classify(error);
  const { exitCode, message, next, facts } = known;
  const result = { error: { message, next, ...facts } };
  if (options.json) print(JSON.stringify({ exitCode, ...result }));
  options.log.error(
    { event: "summary", exitCode, ...facts, next, ...(options.verbose && { err: known }) },
    message,
  );
  return { exitCode, summary: message, result };
}

export function showBootstrap(result: BootstrapResult): Outcome {
  return { exitCode: ExitCode.Ok, summary: `database ${result.database} is ready`, result };
}

export function showRun(name: string, value: unknown): Outcome {
  return {
    exitCode: ExitCode.Ok,
    summary: `${name} is done`,
    result: value === undefined ? {} : { result: value },
  };
}

const print = (text: string) => process.stdout.write(`${redact(text)}\n`);
