import type { RequestListener } from "node:http";
import type { Socket } from "node:net";

/** Far more than any client sends ahead. */
const most = 20;

/**
 * Requests that a client sends ahead on one connection are taken up one after the other, each when the answer before it
 * is gone. Node.js would take up at once all that come in one packet, over a thousand, and keep their answers.
 */
export function oneByOne(handle: RequestListener): RequestListener {
  const lines = new WeakMap<Socket, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    const line = lines.get(socket) ?? [];
    lines.set(socket, line);
    line.push(() => handle(request, response));
    response.once("close", () => {
      line.shift();
      if (!socket.destroyed) line[0]?.();
    });
    if (line.length === 1) line[0]?.();
    else if (line.length > most) socket.destroy();
  };
}
