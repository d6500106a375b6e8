import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Listens in front of PostgreSQL; `join` says what passes from one side to the other. Returns the URL that leads through. */
export async function listenBetween(
  url: string,
  join: (client: Socket, upstream: Socket) => void,
): Promise<string> {
  const { port, hostname } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    join(client, upstream);
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
  return through.href;
}
