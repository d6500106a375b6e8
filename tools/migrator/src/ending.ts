import { setTimeout as sleep } from "node:timers/promises";
import { classify } from "./classify.ts";
import { stoppedBy } from "./database/wait.ts";
import { MigratorError } from "./errors.ts";
import { ExitCode } from "./exit-codes.ts";
import { faultOutside } from "./faults.ts";
import { leave } from "./leave.ts";
import { flushed, holding, type Output, toStderr } from "./output.ts";
import { redact } from "./redact.ts";
import { type Outcome, reportError, reportResult, type Telling } from "./report.ts";
import { type StopSignal, takeSignals } from "./signals.ts";
import { NeedsThread, supervisor, tell } from "./thread.ts";

/** Whom to tell how it ended, as long as nobody has been told. */
let untold: Telling | undefined;

/** Runs a command's work and tells how it ended: whatever happens, exactly once. */
export async function concluding(
  telling: Telling,
  work: (stopSignal: () => AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  untold = telling;
  try {
    const outcome = await Promise.race([work(takeSignals(telling.log, stopNow)), faultOutside()]);
    report(() => reportResult(outcome, telling));
    untold = undefined;
    return outcome;
  } catch (error) {
    if (error instanceof NeedsThread) {
      untold = undefined;
      throw error;
    }
    return tellError(error);
  }
}

/** What a thread says last, its main thread says for it. */
let last: Output = { stdout: "", stderr: "" };

function report<T>(saying: () => T): T {
  if (supervisor === null) return saying();
  const { result, output } = holding(saying);
  last = output;
  return result;
}

export function tellError(error: unknown): Outcome {
  const telling = untold;
  untold = undefined;
  if (telling !== undefined) return report(() => reportError(error, telling));
  const { exitCode, message } = classify(error);
  toStderr(`${redact(message)}\n`);
  return { exitCode, summary: message, result: {} };
}

/** The one place that ends the process, or the thread: a command that left a timer or a socket behind does not keep it alive. */
export async function end(code: number): Promise<never> {
  tell({ exitCode: code, ...last });
  if (supervisor === null) await flushed();
  ended = true;
  if (supervisor === null) leave(code);
  process.exit(code);
}

/** Nobody waits for a reader then: it may be what holds us up. */
async function stopNow(name: StopSignal): Promise<void> {
  const stopped = stoppedBy(name);
  if (untold !== undefined) tellError(stopped);
  await Promise.race([flushed(), sleep(500)]);
  tell({ exitCode: stopped.exitCode, ...last });
  ended = true;
  if (supervisor === null) leave(stopped.exitCode);
  process.exit(stopped.exitCode);
}

let ended = false;

/** process.exit() in a migration's file, or nothing left to wait for: neither may pass for success. */
export function refuseOtherEnds(): void {
  process.on("exit", (code) => {
    if (ended || supervisor !== null) return;
    process.exitCode = ExitCode.MigrationFailed;
    if (untold !== undefined) tellError(endedFromInside(code));
  });
}

export const endedFromInside = (code: number) =>
  new MigratorError(
    ExitCode.MigrationFailed,
    `Code of a migration or command ended the process (exit code ${code}), or waits for what never comes.`,
    {
      next: "Take process.exit() out of it: throw an error instead. What was not committed is undone.",
      facts: { endedWith: code },
    },
  );
