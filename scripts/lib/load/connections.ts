import { createConnection, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { lengthOf } from "./answer-length.ts";

/** What became of connections that were watched byte by byte: what HTTP clients hide behind retries, or call one error. */
export interface ConnectionsResult {
  opened: number;
  /** Answers that came to their end. */
  answered: number;
  /** Ended after the first byte of an answer and before its last. */
  cut: number;
  /** Ended, or refused, while a request waited for its answer. */
  unanswered: number;
  /** Reset while nothing was asked: a request sent in that moment would have failed. */
  resetIdle: number;
  /** The first few of the last three, for people. */
  examples: string[];
}

export interface WatchedConnections {
  stop(): Promise<ConnectionsResult>;
  /** Closes everything at once. Harmless after `stop`. */
  kill(): void;
}

/** How many connections are open at a time. Few: they watch the same pods as the load, and must not add to it. */
const usualClients = 6;
/** How long a connection idles between two requests, in ms: so that a pod that ends meets it asking, answering and idle. */
const pause = { from: 20, to: 400 };
/** An answer that has not come by then never will, in ms. */
const patienceMs = 5_000;

/**
 * Keeps a few connections open to `url`, asks for `path` over each again and again, and tells from the sockets' own events
 * how each ended. On plain sockets, because an HTTP client swallows a reset of a connection it keeps.
 * A connection the server closes between two answers is what a drain is for; every other end is counted.
 */
export function watchConnections(url: string, path: string, clients = usualClients): WatchedConnections {
  const result: ConnectionsResult = {
    opened: 0,
    answered: 0,
    cut: 0,
    unanswered: 0,
    resetIdle: 0,
    examples: [],
  };
  const { hostname, port, host, pathname, search } = new URL(path, url);
  const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`;
  const open = new Set<Socket>();
  let stopped = false;

  async function client(): Promise<void> {
    while (!stopped) {
      await connection();
      await aMoment();
    }
  }

  /** One connection's life, asked again and again until either side has had enough. */
  function connection(): Promise<void> {
    const socket = createConnection({ host: hostname, port: Number(port || 80) });
    let state: State = "asked";
    let received = Buffer.alloc(0);
    let reset: string | undefined;
    open.add(socket);

    const ask = () => {
      // In the pause it may have ended.
      if (!socket.writable) return;
      state = "asked";
      socket.setTimeout(patienceMs);
      socket.write(request);
    };
    socket.on("connect", () => {
      result.opened++;
      ask();
    });
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      state = "answering";
      const { length, closes } = lengthOf(received) ?? {};
      if (length === undefined || received.length < length) return;
      state = "idle";
      received = received.subarray(length);
      result.answered++;
      socket.setTimeout(0);
      if (closes || stopped) socket.end();
      else void aMoment().then(ask);
    });
    socket.on("timeout", () => {
      reset = `nothing came for ${patienceMs} ms`;
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reset = error.code ?? error.message;
    });
    return new Promise((done) => {
      socket.on("close", () => {
        open.delete(socket);
        if (!stopped && (state !== "idle" || reset)) note(state, reset ?? "closed");
        done();
      });
    });
  }

  function note(state: State, how: string): void {
    const kind = ({ asked: "unanswered", answering: "cut", idle: "resetIdle" } as const)[state];
    result[kind]++;
    const at = new Date().toISOString().slice(11, 23);
    if (result.examples.length < 5) result.examples.push(`${at} ${says[kind]} (${how})`);
  }

  const kill = () => {
    stopped = true;
    for (const socket of open) socket.destroy();
  };
  const running = Array.from({ length: clients }, client);
  return {
    kill,
    async stop() {
      kill();
      await Promise.all(running);
      return result;
    },
  };
}

type State = "asked" | "answering" | "idle";

const says = {
  cut: "cut in the middle of an answer",
  unanswered: "ended before a byte of the answer",
  resetIdle: "reset while idle",
};

const aMoment = () => sleep(pause.from + Math.random() * (pause.to - pause.from));
