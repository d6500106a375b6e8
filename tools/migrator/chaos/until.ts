import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is something true; undefined when it never was within the time. */
export async function until<T>(ask: () => Promise<T>, ms: number, everyMs = 20): Promise<T | undefined> {
  const deadline = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) return undefined;
    await sleep(everyMs);
  }
}
