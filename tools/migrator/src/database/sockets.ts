import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const sockets = new Set<Socket>();

/** From here on every connection that this process opens is known, whoever opens it. */
export function watchSockets(): void {
  subscribe("net.client.socket", (message) => {
    const { socket } = message as { socket: Socket };
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
}

/** Where they begin: the server shows the same number, unless something in between changes it. */
export const localPorts = (): number[] =>
  [...sockets].flatMap(({ localPort }) => (localPort === undefined ? [] : [localPort]));
