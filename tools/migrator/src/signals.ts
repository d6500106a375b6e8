import { ExitCode } from "./exit-codes.ts";
import type { Log } from "./log.ts";

const exitCodeOf = { SIGTERM: ExitCode.Terminated, SIGINT: ExitCode.Interrupted } as const;

/**
 * SIGTERM and SIGINT end the process at once: the server notices and undoes what was not committed. A command that
 * asks for the signal is instead told of the first one, with its name as the reason, and only a second ends it.
 * Always by our own exit: as process 1 of a container there is no default action.
 */
export function takeSignals(log: Log): () => AbortSignal {
  let controller: AbortController | undefined;
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      const again = controller?.signal.aborted === true;
      log.warn({ signal: name }, again ? "told to stop again: ending at once" : "told to stop");
      if (controller === undefined || again) process.exit(exitCodeOf[name]);
      controller.abort(name);
    });
  }
  return () => {
    controller ??= new AbortController();
    return controller.signal;
  };
}
