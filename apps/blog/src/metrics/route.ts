import type { IncomingMessage } from "node:http";

/** What no route took has one name, or anybody could make as many as they like by asking for things that are not here. */
export const unmatched = "unmatched";

/**
 * Tells, in the end, which route took a request: its pattern, as /api/posts/:id. Express forgets where a router was
 * mounted as soon as an error leaves it, so this looks when the route is chosen.
 */
export function watchRoute(request: IncomingMessage): () => string {
  let route: { path: string } | undefined;
  let pattern = unmatched;
  Object.defineProperty(request, "route", {
    configurable: true,
    enumerable: true,
    get: () => route,
    set(chosen: typeof route) {
      route = chosen;
      // What was mounted is compared without case, so it comes as the client wrote it.
      const { baseUrl = "" } = request as IncomingMessage & { baseUrl?: string };
      if (chosen) pattern = baseUrl.toLowerCase() + chosen.path;
    },
  });
  return () => pattern;
}
