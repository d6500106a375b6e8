import { listenBetween } from "./between.ts";

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
  const sent: string[] = [];
  const through = await listenBetween(url, (client, upstream) => {
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
  });
  return { url: through, sent };
}
