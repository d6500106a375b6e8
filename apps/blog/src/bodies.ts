import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Problem } from "./problems/problem.ts";

/** The longest text, in JSON's widest writing (\uXXXX for each of 100,000 characters), and the rest of a post. */
export const largestJson = 620_000;
/** The same as a form sends it: %E4%B8%AD for one. */
export const largestForm = 920_000;

/** How much may be on its way to us at one time. Bodies are kept until they are whole, however slowly they come. */
const receivingBytes = 32 * 1024 * 1024;
let receiving = 0;

/** Not Brotli: whoever packs chooses how much memory unpacking takes, up to 16 MiB for each body. */
const unpackable = /^(identity|gzip|deflate)$/i;

/** Lets a body in only while there is room for it. */
export function admit(request: IncomingMessage, response: ServerResponse, largest: number): void {
  const { "content-encoding": encoding, "content-length": length } = request.headers;
  if (encoding && !unpackable.test(encoding)) {
    throw new Problem(415, "Send the body as it is, or packed with gzip or deflate.");
  }
  // How long a packed one is will be seen.
  const size = Math.min(Number((!encoding && length) || largest), largest);
  if (receiving + size > receivingBytes) {
    throw new Problem(503, "Too many long texts are being sent just now; try again.", {
      headers: { "Retry-After": "1" },
    });
  }
  receiving += size;
  response.once("close", () => {
    receiving -= size;
  });
}

/** For body-parser, which would put U+FFFD in the place of what is not UTF-8, and so store another text. */
export function verifyUtf8(
  _request: IncomingMessage,
  _response: ServerResponse,
  bytes: Buffer,
  encoding: string,
) {
  if (encoding === "utf-8" && !isUtf8(bytes)) throw notUtf8();
}

/** Of a form, what is behind its escapes as well. */
export function verifyEscapes(
  _request: IncomingMessage,
  _response: ServerResponse,
  bytes: Buffer,
  encoding: string,
) {
  if (encoding !== "utf-8") return;
  if (!isUtf8(bytes)) throw notUtf8();
  try {
    decodeURIComponent(bytes.toString());
  } catch {
    throw notUtf8();
  }
}

const notUtf8 = () => Object.assign(new Error("not UTF-8"), { type: "charset.invalid" });
