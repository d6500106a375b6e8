import { connect, type Socket } from "node:net";

/** Clients that ask, again and again on the same connection, and never read. */
export function readNothing(url: string, paths: readonly string[], count: number) {
  const { hostname, port, host } = new URL(url);
  const sockets: Socket[] = Array.from({ length: count }, (_, n) => {
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.on("error", () => {});
    const request = `GET ${paths[n % paths.length]} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    socket.write(request.repeat(15));
    return socket;
  });
  return {
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
