import { setTimeout as sleep } from "node:timers/promises";
import { Red } from "./checks.ts";

/** Waits for both, then fails with what went wrong first. */
export async function both(work: (Promise<unknown> | undefined)[]): Promise<void> {
  const ended = await Promise.allSettled(work);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

/**
 * Repeats `use`, which takes about `useMs`, as long as `going`; then fails with what was red first. It runs twice over,
 * half its time apart: while the program of the one starts and asks nothing, the other asks, for a lock that fell into
 * such a gap would go unseen.
 */
export async function meanwhile(
  use: () => Promise<void>,
  useMs: number,
  going: () => boolean,
): Promise<void> {
  const reds: Red[] = [];
  const attempt = async () => {
    try {
      await use();
    } catch (error) {
      // A fault of the run, such as an interruption, would come again at once and for ever.
      if (!(error instanceof Red)) throw error;
      reds.push(error);
    }
  };
  const first = async () => {
    do await attempt();
    while (going());
  };
  const second = async () => {
    await sleep(useMs / 2);
    while (going()) await attempt();
  };
  await both([first(), second()]);
  if (reds[0]) throw reds[0];
}
