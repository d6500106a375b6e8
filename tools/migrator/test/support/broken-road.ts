import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** How a network stops without a word. */
export const cuts = {
  "both directions, also for new connections": { toServer: false, toClient: false, newOnes: false },
  "both directions of those that are open": { toServer: false, toClient: false, newOnes: true },
  "what the server says": { toServer: true, toClient: false, newOnes: true },
  "what the client says": { toServer: false, toClient: true, newOnes: true },
  "the server's half, by a reset": { toServer: false, toClient: false, newOnes: true, reset: true },
} as const;

export type Cut = keyof typeof cuts;

export interface BrokenRoad {
  url: string;
  /** From now on; nobody is told. */
  cut(kind: Cut): void;
}

/** A proxy before PostgreSQL that keeps every TCP connection open, whatever becomes of what it should carry. */
export async function startBrokenRoad(url: string): Promise<BrokenRoad> {
  const { port, hostname } = new URL(url);
  const pairs = new Set<[client: Socket, upstream: Socket]>();
  let cutAt = Number.POSITIVE_INFINITY;
  let how: (typeof cuts)[Cut] | undefined;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const since = performance.now();
    const upstream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    pairs.add([client, upstream]);
    const passes = (direction: "toServer" | "toClient") =>
      how === undefined || how[direction] || (how.newOnes && since > cutAt);
    for (const [from, to, direction] of [
      [client, upstream, "toServer"],
      [upstream, client, "toClient"],
    ] as const) {
      from.on("data", (chunk) => passes(direction) && to.write(chunk));
      from.on("end", () => passes(direction) && to.end());
      from.on("error", () => passes(direction) && to.destroy());
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    for (const socket of [...pairs].flat()) socket.destroy();
    server.close();
  });
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    cut(kind) {
      how = cuts[kind];
      cutAt = performance.now();
      if ("reset" in how) for (const [, upstream] of pairs) upstream.resetAndDestroy();
    },
  };
}
