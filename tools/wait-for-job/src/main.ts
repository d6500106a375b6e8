import { readFlags, readOptions, TERMINATION_LOG, USAGE } from "./cli.ts";
import { findCluster } from "./cluster.ts";
import { readDatabaseUrl } from "./database-url.ts";
import { sentence } from "./diagnostics/excerpt.ts";
import { reasonOf, UsageError } from "./errors.ts";
import { waitForJobs } from "./gate.ts";
import { complain, exitWith, print } from "./output.ts";
import { passwordsOf } from "./redact.ts";
import { writeTerminationLog } from "./termination-log.ts";

const UNEXPECTED = 70;
const SIGNALS = { SIGTERM: 143, SIGINT: 130 } as const;

let terminationLog = TERMINATION_LOG;
let verbose = false;
let ending = false;

/** The only way out: the last line in the termination log and on stdout, then the exit code. What ends it first counts. */
function end(code: number, line: string): void {
  if (ending) return;
  ending = true;
  const problem = writeTerminationLog(terminationLog, line);
  if (problem !== undefined) complain(problem);
  exitWith(code, line);
}

function fail(error: unknown): void {
  if (ending) return;
  if (error instanceof UsageError) {
    complain(USAGE);
    end(2, error.message);
    return;
  }
  // Nobody foresaw it, so nobody knows what it quotes.
  const secrets = passwordsOf(process.env.DATABASE_URL);
  const clean = (text: string) => sentence(text, secrets);
  if (verbose && error instanceof Error) {
    const [first = "", ...stack] = (error.stack ?? "").split("\n");
    complain([clean(first), ...stack.map((line) => `    ${clean(line)}`)].join("\n"));
  }
  end(UNEXPECTED, `Unexpected error: ${clean(reasonOf(error))}${verbose ? "" : " (--verbose shows more)"}`);
}

async function main(): Promise<void> {
  // Node's own exit code for a crash is 1, which here means "the Job failed". Rejections come here as well.
  process.on("uncaughtException", fail);
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => end(code, `Stopped by ${signal} before the gate opened.`));
  }
  const flags = readFlags(process.argv.slice(2));
  terminationLog = flags.values["termination-log"];
  verbose = flags.values.verbose;
  if (flags.values.help) {
    exitWith(0, USAGE);
    return;
  }
  const options = readOptions(flags);
  const databaseUrl = options.schema ? readDatabaseUrl(process.env) : undefined;
  const cluster = findCluster(options, process.env);
  const gate = waitForJobs({ options, cluster, databaseUrl, print });
  const { code, line } = await gate;
  end(code, line);
}

await main().catch(fail);
