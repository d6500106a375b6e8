import { codeOf } from "../classify.ts";
import { pause, stopIfTold } from "../database/wait.ts";

export interface RetryOptions {
  /** From the first failure on, how long to keep trying. */
  budgetMs: number;
  /** The shortest pause: those who queued behind us get at least as long as they were held up. */
  floorMs: number;
  signal: AbortSignal;
  onRetry(error: unknown, pauseMs: number, attempt: number): void;
}

/** Lock not granted in time, deadlock, serialization failure: the transaction is undone and may simply run again. */
const worthAnotherTry = new Set(["55P03", "40P01", "40001"]);
const longestPauseMs = 8_000;

/** Runs `attempt` until it succeeds, fails for another reason, or the budget is used up. */
export async function withLockRetries<T>(options: RetryOptions, attempt: (number: number) => Promise<T>) {
  let deadline: number | undefined;
  for (let number = 1; ; number++) {
    stopIfTold(options.signal);
    try {
      return { result: await attempt(number), attempts: number };
    } catch (error) {
      if (!worthAnotherTry.has(codeOf(error) ?? "")) throw error;
      deadline ??= Date.now() + options.budgetMs;
      const pauseMs =
        options.floorMs + Math.random() * Math.min(longestPauseMs, options.floorMs * 2 ** (number - 1));
      if (Date.now() + pauseMs > deadline) throw error;
      options.onRetry(error, pauseMs, number);
      await pause(pauseMs, options.signal);
    }
  }
}
