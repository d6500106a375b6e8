import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Express } from "express";
import { oneByOne } from "./one-by-one.ts";
import { closeSlowReaders } from "./slow-readers.ts";

/** An HTTP server with its timeouts pinned, so that a new Node.js cannot change how connections end. */
export function createHttpServer(app: Express, version: string): Server {
  const timeouts = {
    // Longer than the idle time of the usual proxies (60 s): the client, not we, ends an idle connection,
    // so no request meets a socket that is just being closed.
    keepAliveTimeout: 65_000,
    // For the whole request, and so for its head, too; neither counts between two requests.
    headersTimeout: 30_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 5000,
  };
  const server = createServer(timeouts, oneByOne(app));
  closeSlowReaders(server);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
    const status =
      {
        HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
        ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
      }[error.code ?? ""] ?? "400 Bad Request";
    socket.end(
      `HTTP/1.1 ${status}\r\nX-App-Version: ${version}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
  });
  return server;
}

/** Resolves once it listens on all addresses of this machine; `variable` is what sets the port. */
export async function listen(server: Server, port: number, variable: string): Promise<void> {
  await new Promise<void>((done, failed) => {
    server.once("error", failed).listen(port, done);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new Error(`port ${port} is in use; set ${variable} to a free one`);
  });
}
