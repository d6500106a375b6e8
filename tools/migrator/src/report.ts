import { classify } from "./classify.ts";
import type { BootstrapResult } from "./commands/bootstrap.ts";
import { ExitCode } from "./exit-codes.ts";
import type { Log } from "./log.ts";
import { toStdout } from "./output.ts";
import { redact, redacted, redactUrls } from "./redact.ts";

/** What the summary line says beside what every line of the log says. */
type Facts = Record<string, unknown> & Unclashing;
interface Unclashing {
  level?: never;
  time?: never;
  message?: never;
}

/** What a command ends with: an exit code, one sentence for the log, and the result. */
export type Outcome = Ending &
  ({ result: object & Unclashing; facts?: Facts } | { result: object; facts: Facts });

interface Ending {
  exitCode: ExitCode;
  summary: string;
  /** For people, on stdout, when `--json` is not given. */
  table?: string;
  /** Whether the table shows SQL, or other text that is not ours. */
  foreign?: boolean;
}

/** Where and how a command's end is told. */
export interface Telling {
  log: Log;
  json: boolean;
  verbose: boolean;
}

export function reportResult(outcome: Outcome, { log, json }: Telling): void {
  if (json) print({ exitCode: outcome.exitCode, ...outcome.result });
  else if (outcome.table !== undefined)
    toStdout(`${(outcome.foreign ? redact : redactUrls)(outcome.table)}\n`);
  log.info(
    { event: "summary", exitCode: outcome.exitCode, ...(!json && (outcome.facts ?? outcome.result)) },
    outcome.summary,
  );
}

export function reportError(error: unknown, options: Telling): Outcome {
  const known = classify(error);
  const { exitCode, message, next, facts } = known;
  const result = { error: { message, next, ...facts } };
  if (options.json) print({ exitCode, ...result });
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
    result: (value === undefined ? {} : { result: value }) as Facts,
  };
}

/** Arguments that make no sense: commander has said so on stderr; with `--json` the result says it too. */
export function reportUsage(message: string): void {
  print({ exitCode: ExitCode.Usage, error: { message: message.replace(/^error: /, "").split("\n")[0] } });
}

const print = (result: object) => toStdout(`${JSON.stringify(result, redacted)}\n`);
