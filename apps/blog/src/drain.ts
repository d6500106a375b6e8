import type { Server, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface DrainTimes {
  /** How long idle keep-alive connections are kept. */
  windowMs: number;
  /** How long, after that, requests in flight may still take. */
  deadlineMs: number;
}

/**
 * Takes a server out of service without cutting anyone off.
 *
 * `server.close()` alone resets idle keep-alive connections, and a client that is just sending on one sees its
 * request fail. So for a while the server goes on as before, but every answer says `Connection: close`: each client
 * opens its next connection elsewhere, and what is left at the end of the window is idle in earnest.
 *
 * In Kubernetes the sum that must fit into terminationGracePeriodSeconds is
 * preStop sleep (endpoints forget the pod) + DRAIN_SECONDS + SHUTDOWN_SECONDS + a few seconds for the pool.
 */
export function createDrain(server: Server) {
  const inFlight = new Set<ServerResponse>();
  let draining = false;
  // Before the application's own listener, which may answer at once.
  server.prependListener("request", (_request, response) => {
    inFlight.add(response);
    response.once("close", () => inFlight.delete(response));
    if (draining) response.setHeader("Connection", "close");
  });
  return {
    get draining() {
      return draining;
    },
    /** Resolves to the number of requests that had to be cut: 0 unless the deadline passed. */
    async start({ windowMs, deadlineMs }: DrainTimes): Promise<number> {
      draining = true;
      for (const response of inFlight) if (!response.headersSent) response.setHeader("Connection", "close");
      await sleep(windowMs);
      const closed = new Promise<"closed">((done) => server.close(() => done("closed")));
      const deadline = new AbortController();
      const late = sleep(deadlineMs, "late" as const, { signal: deadline.signal }).catch(
        () => "closed" as const,
      );
      if ((await Promise.race([closed, late])) === "closed") {
        deadline.abort();
        return 0;
      }
      const cut = inFlight.size;
      server.closeAllConnections();
      return cut;
    },
  };
}
