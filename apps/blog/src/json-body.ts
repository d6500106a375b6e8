import { json, type RequestHandler } from "express";
import { Problem } from "./problems/problem.ts";

const parse = json({ limit: "256kb", type: "application/json" });

/** Reads a JSON body. Any other type is refused: read as JSON or ignored, it would surprise its sender. */
export const readJson: RequestHandler = (request, response, next) => {
  if (!request.is("application/json")) throw new Problem(415, "Send the body as application/json.");
  parse(request, response, next);
};
