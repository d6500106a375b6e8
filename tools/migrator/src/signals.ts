import { isMainThread } from "node:worker_threads";
import type { Log } from "./log.ts";
import { supervisor } from "./thread.ts";

export const stopSignals = ["SIGTERM", "SIGINT"] as const;
export type StopSignal = (typeof stopSignals)[number];

/** How long a command may take to undo what it is at. Kubernetes gives 30 s, and people less. */
export const graceMs = 7_500;

/**
 * SIGTERM and SIGINT end the process at once (`end`): the server notices and undoes what was not committed. A command that
 * asks for the signal is instead told of the first one, with its name as the reason, and has `graceMs`; a second one ends it.
 * Always by our own exit: as process 1 of a container there is no default action.
 */
export function takeSignals(log: Log, end: (name: StopSignal) => void): () => AbortSignal {
  let controller: AbortController | undefined;
  const told = (name: StopSignal) => {
    const again = controller?.signal.aborted === true;
    log.warn({ signal: name }, again ? "told to stop again: ending at once" : "told to stop");
    if (controller === undefined || again) return end(name);
    controller.abort(name);
    // A thread's supervisor sees to it.
    if (isMainThread) setTimeout(end, graceMs, name).unref();
  };
  if (supervisor === null) for (const name of stopSignals) process.on(name, () => told(name));
  else supervisor.on("message", ({ signal }: { signal: StopSignal }) => told(signal)).unref();
  return () => {
    controller ??= new AbortController();
    return controller.signal;
  };
}
