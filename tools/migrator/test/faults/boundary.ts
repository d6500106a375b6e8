import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A place between client and server: before a statement is sent, or after its answer left the server. */
export interface Boundary {
  /** Its place among all statements, or its text: then the first that is the same. */
  statement: number | string;
  side: "before" | "after";
}

export interface Conversation {
  /** Leads through the proxy. */
  url: string;
  /** Every statement that was sent so far, on whichever connection, in order. */
  statements: string[];
  /** Nothing passes any more; `undefined` while the boundary was not reached. */
  reached(): string | undefined;
  close(): Promise<void>;
}

/**
 * A proxy that knows where one statement ends and the next begins, and calls `reach` at exactly one such boundary.
 * Nothing passes it afterwards, so what the server knows is the same every time.
 */
export async function converse(url: string, boundary?: Boundary, reach?: () => void): Promise<Conversation> {
  const { port, hostname } = new URL(url);
  const statements: string[] = [];
  const sockets = new Set<Socket>();
  let stopped: string | undefined;
  const stop = (text: string) => {
    stopped = text;
    reach?.();
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const answer = untilReady();
    let awaited: string | undefined;
    const requests = messages(true, (message, type) => {
      if (stopped !== undefined) return;
      const text = statementOf(type, message);
      if (text !== undefined) {
        statements.push(text);
        if (
          awaited === undefined &&
          boundary !== undefined &&
          [statements.length, text].includes(boundary.statement)
        ) {
          if (boundary.side === "before") return stop(text);
          awaited = text;
        }
      }
      upstream.write(message);
    });
    client.on("data", requests);
    upstream.on("data", (chunk) => {
      if (stopped !== undefined) return;
      if (awaited === undefined) client.write(chunk);
      else if (answer(chunk)) stop(awaited);
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
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  onTestFinished(close);
  const through = new URL(url);
  through.port = String((server.address() as { port: number }).port);
  return { url: through.href, statements, reached: () => stopped, close };
}

/** Cuts a stream into protocol messages. A client's first one has no type. */
function messages(client: boolean, use: (message: Buffer, type: string) => void): (chunk: Buffer) => void {
  let buffer = Buffer.alloc(0);
  let untyped = client;
  return (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const start = untyped ? 0 : 1;
      if (buffer.length < start + 4) return;
      const end = start + buffer.readInt32BE(start);
      if (buffer.length < end) return;
      const message = buffer.subarray(0, end);
      buffer = buffer.subarray(end);
      use(message, untyped ? "" : String.fromCharCode(message[0] ?? 0));
      untyped = false;
    }
  };
}

/** A statement begins with Query or, where it has parameters, with Parse (followed by Bind, Execute and Sync). */
function statementOf(type: string, message: Buffer): string | undefined {
  if (type === "Q") return message.toString("utf8", 5, message.length - 1);
  if (type !== "P") return undefined;
  const name = message.indexOf(0, 5);
  return message.toString("utf8", name + 1, message.indexOf(0, name + 1));
}

/** True once the server said ReadyForQuery: the statement is done, in whichever way. */
function untilReady(): (chunk: Buffer) => boolean {
  let ready = false;
  const answers = messages(false, (_, type) => {
    ready ||= type === "Z";
  });
  return (chunk) => {
    answers(chunk);
    return ready;
  };
}
