import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Proxy {
  url: string;
  /** From now on nothing passes through the connections there are, and neither end hears of it; new ones work. */
  silence(): void;
}

export interface ProxyOptions {
  /** Closes a connection by the first thing its client says. */
  refuse?: (startup: string) => boolean;
  /** Changes what the server says. */
  fromServer?: (chunk: Buffer) => Buffer;
}

/** A TCP proxy before PostgreSQL: a network that loses connections, or a pooler. */
export async function startProxy(url: string, { refuse, fromServer }: ProxyOptions = {}): Promise<Proxy> {
  const { port, hostname } = new URL(url);
  let pairs: [Socket, Socket][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.once("data", (startup) => {
      if (refuse?.(startup.toString("latin1"))) client.destroy();
    });
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => client.write(fromServer?.(chunk) ?? chunk));
    client.on("close", () => upstream.destroy()).on("error", () => upstream.destroy());
    upstream.on("close", () => client.destroy()).on("error", () => client.destroy());
    pairs.push([client, upstream]);
    sockets.add(client).add(upstream);
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
    silence() {
      for (const socket of pairs.flat()) {
        socket.removeAllListeners("data").removeAllListeners("close");
        // Read on and drop it, or the socket would never notice its own end.
        socket.resume();
      }
      pairs = [];
    },
  };
}
