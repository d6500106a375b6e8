import type { Log } from "./log.ts";

/** Aborted by the first SIGTERM or SIGINT, with its name as the reason. A second one ends the process at once. */
export function stopSignal(log: Log): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.once(name, () => {
      log.warn({ signal: name }, "told to stop");
      controller.abort(name);
    });
  }
  return controller.signal;
}
