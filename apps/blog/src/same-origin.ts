import type { RequestHandler } from "express";
import { Problem } from "./problems/problem.ts";

const safe = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Other sites may link here but not write here through a visitor's browser. Forms carry no token: every browser of
 * the last years says by Sec-Fetch-Site, or else Origin, where a request comes from, and no page can forge either.
 * Programs send neither header and are let through.
 */
export const refuseCrossSite: RequestHandler = (request, _response, next) => {
  if (!safe.has(request.method) && comesFromElsewhere(request.headers)) {
    throw new Problem(403, "Writing from another site is refused.");
  }
  next();
};

function comesFromElsewhere(headers: { [name: string]: unknown }): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const { origin, host } = headers;
  if (typeof origin !== "string") return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
