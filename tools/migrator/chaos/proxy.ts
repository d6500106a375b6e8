import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to PostgreSQL that can be broken while both ends keep their TCP connection. */
export interface Proxy {
  url: string;
  /** Nothing passes any more on the connections there are; with `later`, on none that come, either. */
  freeze(options?: { later?: boolean }): void;
  /** The server sees a reset; the client's side stays open and silent. */
  resetServer(): void;
  /** From the message on for which this is true, what the client says still arrives, and no answer comes back. */
  swallowAnswersAfter(is: (message: string) => boolean): void;
  /** From which ports it has connected to the server. */
  ports(): number[];
  close(): Promise<void>;
}

interface Pair {
  client: Socket;
  upstream: Socket;
}

export async function startProxy(url: string): Promise<Proxy> {
  const { port, hostname } = new URL(url);
  const pairs = new Set<Pair>();
  const ports = new Set<number>();
  let frozen = false;
  let swallows: (message: string) => boolean = () => false;
  const stop = ({ client, upstream }: Pair) => {
    client.unpipe();
    upstream.unpipe();
    client.removeAllListeners("data").pause();
    upstream.removeAllListeners("data").pause();
    for (const socket of [client, upstream]) socket.removeAllListeners("close");
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    const pair = { client, upstream };
    pairs.add(pair);
    upstream.on("connect", () => ports.add(upstream.localPort ?? -1));
    for (const socket of [client, upstream]) socket.setNoDelay(true).on("error", () => {});
    if (frozen) return stop(pair);
    let silent = false;
    client.on("data", (chunk) => {
      silent ||= swallows(chunk.toString("latin1"));
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (!silent) client.write(chunk);
    });
    client.on("close", () => upstream.destroy()).on("end", () => upstream.end());
    upstream.on("close", () => client.destroy()).on("end", () => client.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const through = new URL(url);
  through.port = String((server.address() as { port: number }).port);
  return {
    url: through.href,
    freeze({ later = false } = {}) {
      frozen = later;
      for (const pair of pairs) stop(pair);
    },
    resetServer() {
      for (const pair of pairs) {
        stop(pair);
        pair.upstream.resetAndDestroy();
      }
    },
    swallowAnswersAfter(is) {
      swallows = is;
    },
    ports: () => [...ports],
    async close() {
      for (const { client, upstream } of pairs) {
        client.destroy();
        upstream.destroy();
      }
      await new Promise((done) => server.close(done));
    },
  };
}
