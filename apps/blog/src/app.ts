import express, { type Express } from "express";
import type { DataSource } from "typeorm";
import type { Blog, Feature } from "./feature.ts";
import { healthRoutes } from "./health/routes.ts";
import { livePage } from "./live/page.ts";
import type { Log } from "./log.ts";
import type { Markdown } from "./markdown/markdown.ts";
import { securityHeaders } from "./pages/security.ts";
import { refusePreconditions } from "./preconditions.ts";
import { answerProblem } from "./problems/answer.ts";
import { notFound } from "./problems/problem.ts";
import { refuseCrossSite } from "./same-origin.ts";

export interface AppParts {
  version: string;
  features: readonly Feature[];
  level: string;
  db: DataSource;
  markdown: Markdown;
  log: Log;
  isDraining: () => boolean;
}

/** The blog as an Express application, apart from listening. */
export function createApp({ version, features, level, db, markdown, log, isDraining }: AppParts): Express {
  const blog: Blog = {
    db,
    markdown,
    level,
    version,
    nav: features.flatMap((feature) => feature.nav),
  };
  const app = express();
  app.disable("x-powered-by");
  // A 304 would let a browser keep an answer of the release before this one.
  app.disable("etag");
  // Nor does one come for `If-None-Match: *`.
  Object.defineProperty(app.request, "fresh", { value: false });
  app.set("query parser", "simple");

  app.use((_request, response, next) => {
    response.setHeader("X-App-Version", version);
    next();
  });
  app.use(healthRoutes({ db, isDraining }));
  app.use(securityHeaders);
  app.use((request, response, next) => {
    response.setHeader("Cache-Control", "no-store");
    log.debug({ method: request.method, url: request.url }, "request");
    next();
  });
  app.use(refuseCrossSite);
  app.use(refusePreconditions);

  app.get("/api/version", (request, response) => {
    // A connection that is kept leads to the same pod again; who would rather see them all says so.
    if (request.query.connection === "close") response.setHeader("Connection", "close");
    response.json({ version, level });
  });
  for (const feature of features) app.use("/api", feature.api(blog));
  for (const feature of features) app.use(feature.pages(blog));
  app.use(livePage(blog));
  app.use((request) => {
    throw notFound(`${request.path} is not here.`);
  });
  app.use(answerProblem(blog, log));
  return app;
}
