import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface SlowRoad {
  url: string;
  /** From now on every answer of the server comes this many milliseconds later. */
  delay(ms: number): void;
}

/** A way to PostgreSQL whose answers can be held up: to a client, a server that has too much to do. */
export async function startSlowRoad(url: string): Promise<SlowRoad> {
  const { port, hostname } = new URL(url);
  const sockets = new Set<Socket>();
  let delayMs = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
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
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const through = new URL(url);
  through.port = String(address.port);
  return {
    url: through.href,
    delay(ms) {
      delayMs = ms;
    },
  };
}
