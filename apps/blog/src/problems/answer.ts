import type { ErrorRequestHandler } from "express";
import type { Blog } from "../feature.ts";
import type { Log } from "../log.ts";
import { errorPage } from "../pages/error-page.ts";
import { recognise } from "./recognise.ts";

/** The last handler: problem+json below /api, a page elsewhere. */
export const answerProblem =
  (blog: Blog, log: Log): ErrorRequestHandler =>
  async (error, request, response, next) => {
    const problem = recognise(error);
    // A cause is for us, whatever the client is told.
    if (problem.status >= 500 || problem.cause) {
      log.error({ err: problem.cause ?? problem, method: request.method, url: request.url }, problem.message);
    }
    // Too late for an answer of our own: let Express cut the connection, so that the client sees a failure.
    if (response.headersSent) return next(error);
    response.status(problem.status).set(problem.headers);
    if (/^\/api(\/|$)/i.test(request.path)) {
      response.type("application/problem+json").send(JSON.stringify(problem));
    } else {
      response.type("html").send(await errorPage(blog, problem));
    }
  };
