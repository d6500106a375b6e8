import { connect, createServer, type Socket } from "node:net";

export interface Front {
  url: string;
  /** Connections so far. */
  readonly connections: number;
  /** From now on each new connection goes to one of these, by chance; where there is none, it is cut. */
  lead(...urls: string[]): void;
  close(): void;
}

/** What a Service does: each connection leads to one of the pods there are at that moment. */
export async function startFront(): Promise<Front> {
  let targets: string[] = [];
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    connections++;
    const target = targets[Math.floor(Math.random() * targets.length)];
    sockets.add(client);
    client.on("error", () => {}).on("close", () => sockets.delete(client));
    if (!target) return void client.resetAndDestroy();
    const { hostname, port } = new URL(target);
    const pod = connect(Number(port), hostname, () => client.pipe(pod).pipe(client));
    pod.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => pod.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the front has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return connections;
    },
    lead(...urls) {
      targets = urls;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
