import type { RequestHandler } from "express";
import { Problem } from "./problems/problem.ts";

const headers = ["if-match", "if-none-match", "if-unmodified-since"];
const writes = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Answers bear no entity tags and no times, so a write that depends on one cannot be judged and must not happen. */
export const refusePreconditions: RequestHandler = ({ method, headers: sent }, _response, next) => {
  const header = headers.find((name) => sent[name] !== undefined);
  if (header && writes.has(method)) {
    throw new Problem(412, `Nothing here has what ${header} asks for. Send updatedAt with the post instead.`);
  }
  next();
};
