import { listenBetween } from "./between.ts";

export interface SlowRoad {
  url: string;
  /** From now on every answer of the server comes this many milliseconds later. */
  delay(ms: number): void;
}

/** A way to PostgreSQL whose answers can be held up: to a client, a server that has too much to do. */
export async function startSlowRoad(url: string): Promise<SlowRoad> {
  let delayMs = 0;
  const through = await listenBetween(url, (client, upstream) => {
    let order = Promise.resolve();
    client.pipe(upstream);
    upstream.on("data", (chunk) => {
      const due = performance.now() + delayMs;
      order = order.then(async () => {
        const left = due - performance.now();
        if (left > 0) await new Promise((done) => setTimeout(done, left));
        client.write(chunk);
      });
    });
  });
  return {
    url: through,
    delay(ms) {
      delayMs = ms;
    },
  };
}
