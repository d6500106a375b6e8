import type { Session } from "../database/session.ts";
import { fault, firstFault, turn } from "../faults.ts";
import type { Log } from "../log.ts";

/** How long a migration's own JavaScript may go on, after a signal, with a transaction open and no statement. */
const idleMs = 2_000;
/** And without one: meanwhile a second session may be dropping the index of a build that was cancelled. */
const idleOutsideMs = 4_000;
/** How long anything may go on. */
const stopMs = 5_500;

/**
 * While `work` runs, a signal cancels the session's statement from a second session, again and again until the
 * work has noticed: a cancel that arrives between two statements does nothing. Work that does not notice, because it
 * waits for something else, keeps its locks no longer than `idleMs`: its session is ended, and it is left alone. So it is
 * when the session is lost, and when the migration has left an error behind that nobody waits for.
 */
export async function cancellable<T>(
  session: Session,
  signal: AbortSignal,
  log: Log,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;
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
        `SELECT pg_cancel_backend(pid), state LIKE 'idle%' AND clock_timestamp() - state_change
                > interval '1 ms' * CASE state WHEN 'idle' THEN $3::integer ELSE $2::integer END AS idle
           FROM pg_stat_activity WHERE pid = $1`,
        [session.pid, idleMs, idleOutsideMs],
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
    deadline = setTimeout(giveUp, stopMs);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(), givenUp, afterwards(session.gone), fault]);
  } catch (error) {
    // Whatever it is still at must not be committed.
    if (firstFault() !== undefined) session.cut();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearInterval(timer);
    clearTimeout(deadline);
    if (session.lost() === undefined) await cancelling;
  }
}

/** The statement that was on its way is told why the session ended, a moment later. */
const afterwards = (gone: Promise<never>) =>
  gone.catch(async (error) => {
    await turn();
    await turn();
    throw error;
  });
