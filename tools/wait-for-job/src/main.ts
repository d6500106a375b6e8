import { readFlags, readOptions, TERMINATION_LOG, USAGE } from "./cli.ts";
import { findCluster } from "./cluster.ts";
import { reasonOf, UsageError } from "./errors.ts";
import { waitForJobs } from "./gate.ts";
import { writeTerminationLog } from "./termination-log.ts";

const UNEXPECTED = 70;
const SIGNALS = { SIGTERM: 143, SIGINT: 130 } as const;

let terminationLog = TERMINATION_LOG;
let verbose = false;

const lines: string[] = [];

/**
 * A line of the log, written when the work at hand is done: Node makes its stdout when somebody first touches it,
 * which takes longer than sending the WATCH that follows the first line.
 */
function print(line: string): void {
  if (lines.push(line) === 1) setImmediate(flush);
}

function flush(): void {
  const waiting = lines.splice(0);
  // A reader of the log that goes away must not decide what becomes of the pod.
  if (waiting.length > 0 && process.stdout.listenerCount("error") === 0) process.stdout.on("error", ignore);
  for (const line of waiting) console.log(line);
}

const ignore = () => undefined;

/** The only way out: the last line on stdout and in the termination log, then the exit code. */
function end(code: number, line: string): never {
  lines.push(line);
  flush();
  const problem = writeTerminationLog(terminationLog, line);
  if (problem !== undefined) console.error(problem);
  // At once: open sockets and timers have nothing left to say.
  process.exit(code);
}

function fail(error: unknown): never {
  if (error instanceof UsageError) {
    console.error(USAGE);
    end(2, error.message);
  }
  if (verbose && error instanceof Error) console.error(error.stack);
  end(UNEXPECTED, `Unexpected error: ${reasonOf(error)}${verbose ? "" : " (--verbose shows more)"}`);
}

async function main(): Promise<void> {
  // Node's own exit code for a crash is 1, which here means "the Job failed".
  process.on("uncaughtException", fail);
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => end(code, `Stopped by ${signal} before the gate opened.`));
  }
  const flags = readFlags(process.argv.slice(2));
  terminationLog = flags.values["termination-log"];
  verbose = flags.values.verbose;
  if (flags.values.help) {
    console.log(USAGE);
    return;
  }
  const options = readOptions(flags);
  const databaseUrl = options.schema ? readDatabaseUrl(process.env.DATABASE_URL) : undefined;
  const cluster = findCluster(options, process.env);
  const gate = waitForJobs({ options, cluster, databaseUrl, print });
  const { code, line } = await gate;
  end(code, line);
}

/** Checked here so that no message of a URL parser, which would quote the password, is ever printed. */
function readDatabaseUrl(url: string | undefined): string {
  if (!url) throw new UsageError("--schema needs the database in the environment variable DATABASE_URL.");
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError(
      "DATABASE_URL is not a postgres:// URL (its value is not shown: it may hold a password).",
    );
  }
  return url;
}

await main().catch(fail);
