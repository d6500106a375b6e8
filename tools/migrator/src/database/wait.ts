import { setTimeout as sleep } from "node:timers/promises";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";

/** Sleeps, and rejects at once when told to stop. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    signal.aborted ? stopIfTold(signal) : Promise.reject(cause);
  }
}

/** Throws when the process was told to stop: nothing new is started after that. */
export function stopIfTold(signal: AbortSignal): void {
  const told = toldToStop(signal);
  if (told !== undefined) throw told;
}

export const toldToStop = (signal: AbortSignal): MigratorError | undefined =>
  signal.aborted ? stoppedBy(signal.reason === "SIGINT" ? "SIGINT" : "SIGTERM") : undefined;

export const stoppedBy = (name: "SIGINT" | "SIGTERM") =>
  new MigratorError(name === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated, `Stopped by ${name}.`, {
    next: "The running statement was cancelled and its transaction undone. Start it again to go on.",
  });
