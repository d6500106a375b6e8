import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { oneByOne } from "../src/one-by-one.ts";
import { createHttpServer } from "../src/server.ts";
import { closeSlowReaders } from "../src/slow-readers.ts";

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
/** More than the system's buffers take. */
const large = Buffer.alloc(20 * 1024 * 1024);

async function listening(server: Server): Promise<() => Socket> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return () => connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
}

const serving = (handle: RequestListener, patience: Parameters<typeof closeSlowReaders>[1]) => {
  const server = createServer(handle);
  closeSlowReaders(server, patience);
  return listening(server);
};
const patient = { stallMs: 60_000, answerMs: 60_000, waitingBytes: 1024 ** 3 };
const sendLarge: RequestListener = (_request, response) => void response.end(large);

/** A client that asks and does not read; resolves once the server has given it up. */
async function ignored(server: Server, open: () => Socket): Promise<void> {
  const gone = once(server, "connection").then(([socket]) => once(socket as Socket, "close"));
  const client = open();
  client.pause();
  client.write(get);
  await gone;
  client.destroy();
}

it.each([
  ["takes nothing for too long", { ...patient, stallMs: 100 }],
  ["takes too long for all of it", { ...patient, answerMs: 300 }],
  ["is the slowest when too much waits", { ...patient, waitingBytes: large.length - 1 }],
])("gives up a client that %s", async (_name, patience) => {
  const server = createServer(sendLarge);
  closeSlowReaders(server, patience);
  await ignored(server, await listening(server));
});

it("lets a client that reads slowly have all of it", async () => {
  const open = await serving(sendLarge, { ...patient, stallMs: 300 });
  const client = open();
  client.write(get);
  let bytes = 0;
  for await (const chunk of client) {
    bytes += (chunk as Buffer).length;
    if (bytes >= large.length) break;
    await new Promise((done) => setTimeout(done, 1));
  }
  client.destroy();
});

it("takes up what is sent ahead one by one, and not more than a few", async () => {
  let underWay = 0;
  let most = 0;
  let answered = 0;
  const server = createServer(
    oneByOne((_request, response) => {
      most = Math.max(most, ++underWay);
      setTimeout(() => {
        underWay--;
        response.end(String(++answered));
      }, 5);
    }),
  );
  const open = await listening(server);
  const client = open();
  let text = "";
  client.on("data", (bytes) => {
    text += bytes;
  });
  client.write(get.repeat(5));
  while (answered < 5 || !text.endsWith("5")) await new Promise((done) => setTimeout(done, 5));
  expect(most).toBe(1);
  expect(text.match(/\r\n\r\n\d/g)).toEqual([1, 2, 3, 4, 5].map((n) => `\r\n\r\n${n}`));
  const closed = once(client, "close");
  client.write(get.repeat(1000));
  await closed;
  expect(answered).toBeLessThan(10);
});

it("waits for a request's head no longer than for the request", () => {
  const server = createHttpServer((() => {}) as never, "v1");
  expect(server.headersTimeout).toBeLessThanOrEqual(server.requestTimeout);
  expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
});
