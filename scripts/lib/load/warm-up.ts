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
): Promise<void> {
  const until = Date.now() + longestMs;
  let sent = 0;
  const client = async () => {
    while (sent < requests && Date.now() < until) {
      const odd = sent++ % 2 === 1;
      const { path, headers } = (odd && page ? page : list).send();
      await look(`${url}${path}`, headers);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

/** Whether and what it answers is the load's to judge. */
const look = (url: string, headers: Record<string, string> = {}): Promise<unknown> =>
  fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) })
    .then((response) => response.arrayBuffer())
    .catch(() => undefined);
