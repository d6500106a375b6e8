import { createServer, type Server } from "node:http";
import type { Registry } from "prom-client";

/**
 * Answers GET /metrics, on a port of its own: what is in there is not for everybody who can reach the blog, and it
 * still answers when the blog no longer accepts connections.
 */
export function createMetricsServer(registry: Registry, version: string): Server {
  return createServer(async (request, response) => {
    response.setHeader("X-App-Version", version);
    try {
      if (request.url?.split("?")[0] !== "/metrics") response.writeHead(404).end();
      else if (request.method !== "GET") response.writeHead(405, { Allow: "GET" }).end();
      else response.setHeader("Content-Type", registry.contentType).end(await registry.metrics());
    } catch {
      // A part that could not be read; a scrape that fails shows more than one that lacks something.
      response.writeHead(500).end();
    }
  });
}

/** Lets a scrape that is under way have its end, for a second at most. */
export async function closeMetricsServer(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), 1000);
  await new Promise((done) => server.close(done));
  clearTimeout(late);
}
