import { codeOf } from "../classify.ts";
import { pause, stopIfTold } from "../database/wait.ts";

export interface RetryOptions {
  /** From the first failure since the last progress on, how long to keep trying. */
  budgetMs: number;
  /** The shortest pause: those who queued behind us get at least as long as they were held up. */
  floorMs: number;
  signal: AbortSignal;
  onRetry(error: unknown, pauseMs: number, attempt: number): void;
}

/** Lock not granted in time, deadlock, serialization failure: the transaction is undone and may simply run again. */
const worthAnotherTry = new Set(["55P03", "40P01", "40001"]);
const longestPauseMs = 8_000;

/**
 * Runs `attempt` until it succeeds, fails for another reason, or the budget is used up. One that has committed
 * something that stays says so: the budget is for attempts that get nowhere.
 */
export async function withLockRetries<T>(
  options: RetryOptions,
  attempt: (progressed: () => void) => Promise<T>,
) {
  let deadline: number | undefined;
  let inVain = 0;
  const progressed = () => {
    deadline = undefined;
    inVain = 0;
  };
  for (let number = 1; ; number++) {
    stopIfTold(options.signal);
    try {
      return { result: await attempt(progressed), attempts: number };
    } catch (error) {
      if (!worthAnotherTry.has(codeOf(error) ?? "")) throw error;
      deadline ??= Date.now() + options.budgetMs;
      const pauseMs =
        options.floorMs + Math.random() * Math.min(longestPauseMs, options.floorMs * 2 ** inVain);
      inVain += 1;
      if (Date.now() + pauseMs > deadline) throw error;
      options.onRetry(error, pauseMs, number);
      await pause(pauseMs, options.signal);
    }
  }
}
