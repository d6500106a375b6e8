import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { askDatabase } from "../src/database.ts";
import { pause } from "./support/gate.ts";
import { KEY, LEVEL } from "./support/record.ts";

/** One message of PostgreSQL's protocol; `length`: what it says of itself, where that is a lie. */
function message(type: string, body: Buffer, length = body.length + 4): Buffer {
  const head = Buffer.alloc(5, type);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, body]);
}
const int32 = (value: number) =>
  Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
const text = (value: string) => Buffer.from(`${value}\0`);
const field = (name: string) => Buffer.concat([text(name), Buffer.alloc(18)]);
const welcome = Buffer.concat([message("R", int32(0)), message("Z", Buffer.from("I"))]);
const columns = (...names: string[]) =>
  message("T", Buffer.concat([Buffer.from([0, names.length]), ...names.map(field)]));
const row = (...values: string[]) =>
  message(
    "D",
    Buffer.concat([
      Buffer.from([0, values.length]),
      ...values.flatMap((value) => [int32(value.length), Buffer.from(value)]),
    ]),
  );
const error = (said: string, code = "XX000") =>
  message("E", Buffer.concat([text("SERROR"), text(`C${code}`), text(`M${said}`), Buffer.from([0])]));
const done = Buffer.concat([message("C", text("SELECT 1")), message("Z", Buffer.from("I"))]);

/** Writes this again and again, as fast as it is read. */
function flood(socket: Socket, one: Buffer): void {
  const piece = Buffer.concat(Array.from({ length: Math.ceil((64 * 1024) / one.length) }, () => one));
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once("drain", more);
  };
  more();
}
/** Greets, and then answers whatever is asked like this. */
const asked = (answer: (socket: Socket) => void) => (socket: Socket) =>
  socket.once("data", () => {
    socket.once("data", () => answer(socket));
    socket.write(welcome);
  });
const first = (answer: (socket: Socket) => void) => (socket: Socket) =>
  socket.once("data", () => answer(socket));
const MB = 1024 * 1024;

const servers: Record<string, (socket: Socket) => void> = {
  "sends noise before anybody asks": (socket) => flood(socket, Buffer.alloc(64 * 1024, 0xff)),
  "speaks HTTP": first((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
  "sends zeros": first((socket) => flood(socket, Buffer.alloc(64 * 1024))),
  "greets with a message without end": first((socket) => {
    socket.write(message("E", Buffer.alloc(0), 0xffff_fff0));
    flood(socket, Buffer.alloc(64 * 1024, "x"));
  }),
  "asks for a password in a way that nobody knows": first((socket) => socket.write(message("R", int32(99)))),
  "asks for a password in a message that is cut short": first((socket) =>
    socket.write(message("R", Buffer.alloc(1))),
  ),
  "sends notices without end": first((socket) =>
    flood(socket, message("N", Buffer.concat([text("Mx"), Buffer.from([0])]))),
  ),
  "sends rows without end": asked((socket) => {
    socket.write(columns("recorded"));
    flood(socket, row("no"));
  }),
  "sends one row without end": asked((socket) => {
    socket.write(columns("recorded"));
    socket.write(message("D", Buffer.from([0, 1, 0x7f, 0xff, 0xff, 0xff]), 0x7fff_ffff));
    flood(socket, Buffer.alloc(64 * 1024, "x"));
  }),
  "sends a row before its columns": asked((socket) => socket.write(Buffer.concat([row("t"), done]))),
  "sends a row that says it is longer than it is": asked((socket) =>
    socket.write(Buffer.concat([columns("recorded"), message("D", Buffer.from([0, 9, 0, 0, 0, 99])), done])),
  ),
  "sends a floor that is no number": asked((socket) =>
    socket.write(Buffer.concat([columns("recorded", "floor"), row("t", "much"), done])),
  ),
  "sends an error that is all passwords": asked((socket) =>
    socket.write(Buffer.concat([error("x://a:".repeat((128 * 1024) / 6)), message("Z", Buffer.from("I"))])),
  ),
  "hangs up in the middle of a message": asked((socket) => socket.end(message("D", Buffer.alloc(3), 500))),
  "answers a byte at a time": first((socket) => {
    const timer = setInterval(() => socket.write("S"), 20);
    socket.once("close", () => clearInterval(timer));
  }),
};

test.each(Object.entries(servers))(
  "a server that %s cannot be asked, costs little and ends nothing",
  async (_, serve) => {
    let sent: Socket | undefined;
    const server = createServer((socket) => {
      sent = socket.on("error", () => undefined);
      serve(socket);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as { port: number };
    const began = performance.now();
    const url = `postgres://blog:hunter2@127.0.0.1:${port}/blog`;
    const answer = await askDatabase(
      url,
      { key: KEY, level: LEVEL },
      { connectWithin: 500, queryWithin: 500 },
    );
    expect(answer.kind).toBe("unreachable");
    expect(JSON.stringify(answer).length).toBeLessThan(1_200);
    expect(JSON.stringify(answer)).not.toContain("hunter2");
    expect(performance.now() - began).toBeLessThan(20_000);
    // What the two sockets hold may still be under way.
    expect((sent?.bytesWritten ?? 0) - (sent?.writableLength ?? 0)).toBeLessThan(16 * MB);
    // Nothing is left open, whatever the server wishes.
    const deadline = performance.now() + 3_000;
    while (sent && !sent.destroyed && performance.now() < deadline) await pause(20);
    expect(sent?.destroyed).toBe(true);
    await new Promise((closed) => server.close(closed));
  },
);
