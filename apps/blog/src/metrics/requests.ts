import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { watchRoute } from "./route.ts";

/** Asked by the kubelet, not by anybody who wants something; and a draining pod answers 503 to one of them on purpose. */
const probes = new Set(["/livez", "/readyz"]);

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const statuses = ["1xx", "2xx", "3xx", "4xx", "5xx", "aborted"];

/** Rate, errors and duration of what clients ask of a server. The registry adds the version to each. */
export function measureRequests(server: Server, registry: Registry): void {
  const registers = [registry];
  // Apart from the histogram and with few labels, so that all of them can be there with 0 from the start: Prometheus
  // sees a rise only between two scrapes, and the first error of a pod would make a new series, which shows none.
  const total = new Counter({
    name: "blog_http_requests_total",
    help: "Requests that ended, by class of status; aborted: without a whole answer, because either side cut it off.",
    labelNames: ["status"],
    registers,
  });
  for (const status of statuses) total.inc({ status }, 0);
  const duration = new Histogram({
    name: "blog_http_request_duration_seconds",
    help: "From the head of a request to the end of its answer.",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const inFlight = new Gauge({
    name: "blog_http_requests_in_flight",
    help: "Requests not yet answered, probes among them.",
    registers,
  });

  // Before the application's own listener, which may answer at once.
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const startedAt = performance.now();
    const routeOf = watchRoute(request);
    inFlight.inc();
    response.once("close", () => {
      inFlight.dec();
      const route = routeOf();
      if (probes.has(route)) return;
      const status = response.writableFinished ? `${Math.floor(response.statusCode / 100)}xx` : "aborted";
      const method = methods.has(request.method ?? "") ? (request.method as string) : "other";
      total.inc({ status });
      duration.observe({ method, route, status }, (performance.now() - startedAt) / 1000);
    });
  });
}
