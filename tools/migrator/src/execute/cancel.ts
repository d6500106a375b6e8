import type { Session } from "../database/session.ts";
import type { Log } from "../log.ts";

/**
 * While `work` runs, a signal cancels the session's statement from a second session, again and again until the
 * work has noticed: a cancel that arrives between two statements does nothing.
 */
export async function cancellable<T>(
  session: Session,
  signal: AbortSignal,
  log: Log,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let cancelling: Promise<void> | undefined;
  const cancel = () => {
    cancelling ??= session
      .aside("SELECT pg_cancel_backend($1)", [session.pid])
      .then(() => {})
      .catch((err) => {
        // No second session to be had: end the first one. The server notices a closed connection by itself.
        log.warn({ err }, "could not cancel the statement; closing the connection");
        session.cut();
      })
      .finally(() => {
        cancelling = undefined;
      });
  };
  const onAbort = () => {
    log.warn({ signal: signal.reason }, "stopping: cancelling the running statement");
    cancel();
    timer = setInterval(cancel, 250);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearInterval(timer);
    await cancelling;
  }
}
