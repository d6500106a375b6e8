import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Proxy {
  url: string;
  /** Every message of the client, as text, in the order they were sent on. */
  sent: string[];
}

export interface ProxyOptions {
  /** Changes what the server says. */
  fromServer?: (chunk: Buffer) => Buffer;
  /** When it returns true, the message still reaches the server, but no answer ever comes back. */
  silentAfter?: (message: string) => boolean;
}

/** A TCP proxy before PostgreSQL: what a pooler does to a session, and a network that swallows an answer. */
export async function startProxy(url: string, options: ProxyOptions = {}): Promise<Proxy> {
  const { port, hostname } = new URL(url);
  const sent: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let silent = false;
    client.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      sent.push(text);
      silent ||= options.silentAfter?.(text) === true;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (!silent) client.write(options.fromServer?.(chunk) ?? chunk);
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
  return { url: through.href, sent };
}
