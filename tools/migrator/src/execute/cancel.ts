import type { Session } from "../database/session.ts";
import type { Log } from "../log.ts";

/** How long a migration's own JavaScript may go on, after a signal, with a transaction open and no statement. */
const idleMs = 2_000;

/**
 * While `work` runs, a signal cancels the session's statement from a second session, again and again until the
 * work has noticed: a cancel that arrives between two statements does nothing. Work that does not notice, because it
 * waits for something else, keeps its locks no longer than `idleMs`: its session is ended, and it is left alone.
 */
export async function cancellable<T>(
  session: Session,
  signal: AbortSignal,
  log: Log,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let cancelling: Promise<void> | undefined;
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  const giveUp = () => {
    // The server notices a closed connection by itself.
    session.cut();
    reject(session.lost());
  };
  const cancel = () => {
    cancelling ??= session
      .aside<{ idle: boolean }>(
        `SELECT pg_cancel_backend(pid), state LIKE 'idle in transaction%'
                AND clock_timestamp() - state_change > $2::integer * interval '1 ms' AS idle
           FROM pg_stat_activity WHERE pid = $1`,
        [session.pid, idleMs],
      )
      .then(([seen]) => {
        if (!seen?.idle) return;
        log.warn("the migration does not notice; closing the connection, so that its locks go");
        giveUp();
      })
      .catch((err) => {
        // No second session to be had: end the first one.
        log.warn({ err }, "could not cancel the statement; closing the connection");
        giveUp();
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
    return await Promise.race([work(), givenUp]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearInterval(timer);
    await cancelling;
  }
}
