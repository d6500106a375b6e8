import type { PodLife } from "./timeline.ts";

/** The fewest pods that were ready at any time, from when `wanted` of them first were: what was left for the clients. */
export function fewestReady(pods: PodLife[], wanted: number): number {
  const changes = pods.flatMap(({ readyAt, terminatingAt, goneAt }) => {
    const ended = terminatingAt ?? goneAt;
    return readyAt === undefined
      ? []
      : [{ at: readyAt, by: 1 }, ...(ended === undefined ? [] : [{ at: ended, by: -1 }])];
  });
  let ready = 0;
  let begun = false;
  let fewest = wanted;
  for (const { by } of changes.sort((a, b) => a.at - b.at || b.by - a.by)) {
    ready += by;
    begun ||= ready >= wanted;
    if (begun) fewest = Math.min(fewest, ready);
  }
  return begun ? fewest : 0;
}
