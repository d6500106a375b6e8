import { EventEmitter } from "node:events";
import type pg from "pg";

/** Nobody has to send more than this to say whether one migration is recorded: a greeting, settings, one row. */
const MOST = 256 * 1024;
const MOST_MESSAGES = 1_000;
/** A server that does not close the connection after this long is not waited for. */
const GOODBYE_WITHIN = 1_000;

/** pg attaches its parser with this to the socket, and again to the TLS socket around it. */
interface Attaching {
  attachListeners(stream: EventEmitter): void;
}

/**
 * Whatever listens at the other end, pg collects a message to its end and throws out of an event of the socket where it
 * understands none. Here it sees at most so many bytes and messages, and what it throws ends the connection instead of
 * the process.
 */
export function bound(connection: pg.Connection): void {
  const attaching = connection as pg.Connection & Attaching;
  const attach = attaching.attachListeners.bind(attaching);
  attaching.attachListeners = (socket) => {
    const parsed = new EventEmitter();
    attach(parsed);
    let [received, messages] = [0, 0];
    connection.on("message", () => {
      messages += 1;
      if (messages > MOST_MESSAGES) throw new Error(`it sent more than ${MOST_MESSAGES} messages`);
    });
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      try {
        if (received > MOST) throw new Error(`it sent more than ${MOST} bytes`);
        parsed.emit("data", chunk);
      } catch (cause) {
        connection.stream.destroy(new Error(`this is no answer of PostgreSQL: ${(cause as Error).message}`));
      }
    });
  };
}

/** Says goodbye without waiting for an answer, and hangs up on whoever does not hang up. */
export function close(client: pg.Client): void {
  client.end().catch(() => undefined);
  setTimeout(() => client.connection.stream.destroy(), GOODBYE_WITHIN).unref();
}
