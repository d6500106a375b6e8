import type { Adapter } from "./adapter.ts";

const clients = 12;
/** Past that whoever is slow is not slow for being new, and the load will say so. */
const longestMs = 10_000;
/** As long as the load lets a request hang. */
const timeoutMs = 5_000;

/**
 * Asks a service that has just started for so many lists and pages, each client after the answer before: code that runs
 * for the first time takes a slow machine so long that a load of a fixed rate would pile up in front of it. A rollout that
 * follows has no such help: its new pods are as cold as anybody's.
 */
export async function warmUp(
  url: string,
  { list, page }: Pick<Adapter, "list" | "page">,
  requests: number,
): Promise<number> {
  const startedAt = performance.now();
  const until = startedAt + longestMs;
  const answeredAt: number[] = [];
  let sent = 0;
  const client = async () => {
    while (sent < requests && performance.now() < until) {
      const odd = sent++ % 2 === 1;
      const { path, headers } = (odd && page ? page : list).send();
      if (await look(`${url}${path}`, headers)) answeredAt.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return bestSecond(answeredAt);
}

/** The most that fell into a second; of fewer, what they would come to in one. Times in ms from the start, in their order. */
export function bestSecond(times: readonly number[]): number {
  const lasted = times.at(-1) ?? 0;
  if (lasted < 1_000) return lasted === 0 ? 0 : (times.length / lasted) * 1_000;
  let best = 0;
  for (let first = 0, next = 0; next < times.length; next++) {
    while ((times[next] ?? 0) - (times[first] ?? 0) >= 1_000) first++;
    best = Math.max(best, next - first + 1);
  }
  return best;
}

/** Whether it was answered; with what is the load's to judge. */
const look = (url: string, headers: Record<string, string> = {}): Promise<boolean> =>
  fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) })
    .then((response) => response.arrayBuffer())
    .then(
      () => true,
      () => false,
    );
