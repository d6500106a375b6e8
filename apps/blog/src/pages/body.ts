import { type RequestHandler, urlencoded } from "express";
import { admit, largestForm, verifyEscapes } from "../bodies.ts";

const parse = urlencoded({
  extended: false,
  limit: largestForm,
  parameterLimit: 50,
  verify: verifyEscapes,
});

/** Reads a posted form. Browsers send line ends as CRLF; texts are kept with LF, as the API gets them. */
export const readForm: RequestHandler = (request, response, next) => {
  admit(request, response, largestForm);
  parse(request, response, (error?: unknown) => {
    if (error) return next(error);
    const fields = Object.entries((request.body ?? {}) as Record<string, unknown>);
    request.body = Object.fromEntries(
      fields.map(([name, value]) => [
        name,
        typeof value === "string" ? value.replaceAll("\r\n", "\n") : value,
      ]),
    );
    next();
  });
};
