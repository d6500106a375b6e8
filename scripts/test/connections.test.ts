import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { type ConnectionsResult, watchConnections } from "../lib/load/connections.ts";

/** Real sockets against a server that ends them in every way there is. */
let server: Server;
afterEach(() => void server.close());

const whole = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
const half = whole.slice(0, -5);

/** Watches for a moment a server that does this to each request. */
async function watched(answer: (socket: Socket) => void): Promise<ConnectionsResult> {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => answer(socket));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const connections = watchConnections(`http://127.0.0.1:${port}`, "/");
  await sleep(1_500);
  return connections.stop();
}

test("whole answers, over connections that are kept", async () => {
  const result = await watched((socket) => void socket.write(whole));
  expect(result).toMatchObject({ cut: 0, unanswered: 0, resetIdle: 0, examples: [], opened: 6 });
  expect(result.answered).toBeGreaterThan(6);
});

test("a server that closes after an answer breaks nothing", async () => {
  const result = await watched(
    (socket) => void socket.end(whole.replace("\r\n", "\r\nConnection: close\r\n")),
  );
  expect(result).toMatchObject({ cut: 0, unanswered: 0, resetIdle: 0 });
  expect(result.opened).toBeGreaterThan(6);
});

test("half an answer, then closed or reset", async () => {
  const closed = await watched((socket) => void socket.end(half));
  expect(closed).toMatchObject({ answered: 0, unanswered: 0, resetIdle: 0 });
  expect(closed.cut).toBeGreaterThan(0);
  expect(closed.examples[0]).toContain("cut in the middle of an answer");
  server.close();
  const reset = await watched(
    (socket) => void socket.write(half, () => setTimeout(() => socket.resetAndDestroy(), 20)),
  );
  expect(reset).toMatchObject({ answered: 0, unanswered: 0, resetIdle: 0 });
  expect(reset.examples[0]).toContain("ECONNRESET");
});

test("no answer at all", async () => {
  const result = await watched((socket) => void socket.resetAndDestroy());
  expect(result).toMatchObject({ answered: 0, cut: 0, resetIdle: 0 });
  expect(result.unanswered).toBeGreaterThan(0);
});

test("reset while nothing was asked", async () => {
  const result = await watched((socket) => {
    socket.write(whole);
    setTimeout(() => socket.resetAndDestroy(), 10);
  });
  expect(result).toMatchObject({ cut: 0 });
  expect(result.resetIdle).toBeGreaterThan(0);
});

test("nobody listens", async () => {
  server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  const connections = watchConnections(`http://127.0.0.1:${port}`, "/");
  await sleep(500);
  const result = await connections.stop();
  expect(result).toMatchObject({ opened: 0, answered: 0, cut: 0, resetIdle: 0 });
  expect(result.examples[0]).toContain("ECONNREFUSED");
});
