import { constants } from "node:os";
import { Failure } from "./failure.ts";

const patienceMs = 8_000;

/**
 * Aborted by Ctrl-C, SIGTERM and a closed terminal. Call it once the scratch database is there: that one has handlers
 * of its own, which would end this process while the commands it started live on.
 */
export function takeSignals(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      const code = 128 + constants.signals[signal];
      interruption.abort(new Failure(`Interrupted by ${signal}.`, code));
      // What it had started may not end.
      setTimeout(process.exit, patienceMs, code).unref();
    });
  }
  return interruption.signal;
}
