import { json, type RequestHandler } from "express";
import { admit, largestJson, verifyUtf8 } from "./bodies.ts";
import { Problem } from "./problems/problem.ts";

const parse = json({ limit: largestJson, type: "application/json", verify: verifyUtf8 });

/** Reads a JSON body. Any other type is refused: read as JSON or ignored, it would surprise its sender. */
export const readJson: RequestHandler = (request, response, next) => {
  if (!request.is("application/json")) throw new Problem(415, "Send the body as application/json.");
  admit(request, response, largestJson);
  parse(request, response, next);
};
