import { realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { stoppedBy } from "./database/wait.ts";
import { descendants, endAll } from "./descendants.ts";
import { endedFromInside } from "./ending.ts";
import { MigratorError } from "./errors.ts";
import { defaultIdleBudgetMs } from "./execute/idle.ts";
import { ExitCode } from "./exit-codes.ts";
import { threadAbandoned } from "./leave.ts";
import { type Output, toStderr, toStdout } from "./output.ts";
import { reportError, type Telling } from "./report.ts";
import { graceMs, type StopSignal, stopSignals } from "./signals.ts";
import type { Started, Told } from "./thread.ts";

/** Runs the command again in a thread of its own, and ends it when it cannot end itself. Returns the exit code. */
export async function superviseThread(argv: string[], telling: Telling, stdin: boolean): Promise<number> {
  const workerData: Started = { migrator: true, terminal: process.stderr.isTTY === true };
  const worker = new Worker(realpathSync(argv[1] ?? ""), {
    argv: argv.slice(2),
    workerData,
    stdin,
    stdout: true,
    stderr: true,
    // What is young is collected sooner: at 300,000 rows a backfill took 120 MB without this, and takes 113.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  if (worker.stdin) process.stdin.pipe(worker.stdin);
  worker.stdout.on("data", (chunk) => toStdout(String(chunk)));
  worker.stderr.on("data", (chunk) => toStderr(String(chunk)));
  for (const stream of [worker.stdout, worker.stderr]) stream.setEncoding("utf8");

  let ending: ({ exitCode: number } & Output) | undefined;
  let silentSeconds = 0;
  let idleBudgetMs = defaultIdleBudgetMs;
  worker.on("message", (told: Told) => {
    silentSeconds = 0;
    if ("exitCode" in told) ending = told;
    if ("idleBudgetMs" in told) idleBudgetMs = told.idleBudgetMs;
  });

  const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<MigratorError>();
  // Counted, not measured: a process that was frozen itself has missed nothing.
  const watch = setInterval(() => {
    silentSeconds += 1;
    if (silentSeconds * 1_000 > idleBudgetMs) giveUp(neverReturns(idleBudgetMs));
  }, 1_000);
  takeOver((name, again) => {
    worker.postMessage({ signal: name });
    setTimeout(() => giveUp(stoppedBy(name)), again ? 1_000 : graceMs + 500);
  });

  const failure = await Promise.race([died(worker), gaveUp]);
  clearInterval(watch);
  await endThread(worker);
  if (ending !== undefined) {
    toStdout(ending.stdout);
    toStderr(ending.stderr);
    return ending.exitCode;
  }
  return reportError(failure, telling).exitCode;
}

/** One that waits for a process it has started would hold up our exit as well: without that process it waits no more. */
async function endThread(worker: Worker): Promise<void> {
  const ended = await Promise.race([worker.terminate().then(() => true), sleep(500, false)]);
  if (!ended) threadAbandoned();
  endAll(descendants(), ended ? "SIGTERM" : "SIGKILL");
}

/** From here on signals are for the thread. */
function takeOver(pass: (name: StopSignal, again: boolean) => void): void {
  let told = 0;
  for (const name of stopSignals) {
    process.removeAllListeners(name);
    process.on(name, () => pass(name, told++ > 0));
  }
}

/** Resolves once the thread is gone and all it wrote is with us. */
async function died(worker: Worker): Promise<MigratorError> {
  let thrown: unknown;
  worker.on("error", (error) => {
    thrown = error;
  });
  const ended = (stream: NodeJS.ReadableStream) => new Promise((done) => stream.once("end", done));
  const written = Promise.all([ended(worker.stdout), ended(worker.stderr)]);
  const exitCode = await new Promise<number>((done) => worker.once("exit", done));
  await Promise.race([written, sleep(1_000)]);
  return thrown === undefined ? endedFromInside(exitCode) : threw(thrown);
}

function threw(error: unknown): MigratorError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== "ERR_WORKER_OUT_OF_MEMORY")
    return new MigratorError(ExitCode.MigrationFailed, `The command failed: ${message || error}.`, {
      next: "Nothing will change by itself: repair the cause, then run again.",
      cause: error,
    });
  return new MigratorError(ExitCode.MigrationFailed, "The memory was used up.", {
    next: "Let the migration read less at once, or give it more: NODE_OPTIONS=--max-old-space-size=MEGABYTES.",
  });
}

const neverReturns = (ms: number) =>
  new MigratorError(
    ExitCode.MigrationFailed,
    `Code of a migration or command has kept the process busy for ${Math.round(ms / 1000)} s without letting anything else happen.`,
    { next: "End its loop, or raise --idle-budget. What was not committed is undone." },
  );
