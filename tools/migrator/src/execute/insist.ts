import { codeOf } from "../classify.ts";
import { type LockWait, watchLockWaits } from "../database/blockers.ts";
import { toldToStop } from "../database/wait.ts";
import { cancellable } from "./cancel.ts";
import { noLock } from "./explain.ts";
import type { Limits } from "./guards.ts";
import { withLockRetries } from "./retry.ts";
import type { Execution } from "./step.ts";

export interface Insistence extends Pick<Execution, "session" | "lockBudgetMs" | "log" | "signal"> {
  limits: Pick<Limits, "lockTimeoutMs">;
}

/**
 * Whatever waits for locks: tried again while one is not to be had, watched for who holds it, and cancelled by a
 * signal. `explain` says what a failure means.
 */
export async function insist<T>(
  { session, limits, lockBudgetMs, log, signal }: Insistence,
  attempt: (progressed: () => void) => Promise<T>,
  explain: (error: unknown, wait: LockWait | undefined) => unknown,
): Promise<{ result: T; attempts: number }> {
  const watch = watchLockWaits(session, Math.max(limits.lockTimeoutMs / 3, 50), log);
  const retries = {
    budgetMs: lockBudgetMs,
    floorMs: limits.lockTimeoutMs,
    signal,
    onRetry: (error: unknown, pauseMs: number, attempt: number) =>
      log.warn(
        { code: codeOf(error), attempt, pauseMs: Math.round(pauseMs), wait: watch.last() },
        "lock not granted in time; rolled back, trying again",
      ),
  };
  try {
    return await cancellable(session, signal, log, () => withLockRetries(retries, attempt));
  } catch (error) {
    throw explain(error, watch.last());
  } finally {
    await watch.stop();
  }
}

/** Our own reading and writing of the record, which somebody may have locked like any other table. */
export async function onRecord<T>(insistence: Insistence, work: () => Promise<T>): Promise<T> {
  const { result } = await insist(insistence, work, (error, wait) => {
    const told = toldToStop(insistence.signal);
    if (told !== undefined || codeOf(error) !== "55P03") return told ?? error;
    return noLock("The migrator", insistence, { wait, cause: error });
  });
  return result;
}
