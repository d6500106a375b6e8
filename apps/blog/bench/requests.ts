import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { longText, oddDate, oddJson, oddNumber, oddText } from "./values.ts";

export interface Sent {
  method: string;
  path: string;
  headers: readonly [name: string, value: string][];
  body?: Buffer;
  /** The client ends the connection when so much of the body is sent. */
  cutAt?: number;
}

const segment = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 120 }).map(String) },
  oddNumber,
  oddText.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    "%E0%A4%A",
    "%00",
    "%",
    "%C0%AF",
    "%2e%2e%2f",
    "a%2Fb",
    ";x=1",
    "general",
    "a".repeat(8000),
  ),
);

const path = fc
  .tuple(
    fc.constantFrom(
      ...[
        "/",
        "/posts/:",
        "/posts/:/edit",
        "/posts/:/delete",
        "/posts/new",
        "/posts",
        "/categories",
        "/categories/:",
      ],
      ...[
        "/api/posts",
        "/api/posts/:",
        "/api/categories",
        "/api/categories/:/posts",
        "/api/version",
        "/api",
        "/API/Posts",
      ],
      ...[
        "/live",
        "/livez",
        "/readyz",
        "/:",
        "//:",
        "/api//posts",
        "/posts/:/",
        "/%2e/:",
        "*",
        "http://elsewhere/api/posts",
      ],
    ),
    segment,
  )
  .map(([template, value]) => template.replace(":", value));

const cursor = fc.oneof(oddNumber, oddText).map((text) => Buffer.from(text).toString("base64url"));
const parameter = fc
  .tuple(
    fc.constantFrom(
      "limit",
      "after",
      "limit[]",
      "after[x]",
      "tag[]",
      "__proto__",
      "connection",
      "a".repeat(3000),
    ),
    fc.oneof(
      oddNumber,
      cursor,
      oddText.map((text) => encodeURIComponent(text.toWellFormed())),
      fc.constantFrom("%FF", "%", ""),
    ),
  )
  .map(([name, value]) => `${name}=${value}`);
const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant("") },
  fc.array(parameter, { minLength: 1, maxLength: 4 }).map((all) => `?${all.join("&")}`),
  fc.constantFrom("?", "??", "?&&&=", `?${"a&".repeat(5000)}`, "#x"),
);

// What a header may bear; a line end would begin another one.
const headerText = oddText.map((text) => text.replace(/[^\x20-\x7e\x80-\xff]/g, "?"));
const header: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      "If-None-Match",
      "If-Match",
      "If-Modified-Since",
      "Range",
      "Cookie",
      "Accept",
      "X-HTTP-Method-Override",
    ),
    fc.oneof(
      headerText,
      fc.constantFrom("*", 'W/"a", "b"', "bytes=0-", "Thu, 01 Jan 1970 00:00:00 GMT", "DELETE"),
    ),
  ),
  fc.tuple(
    fc.constantFrom("Origin", "Sec-Fetch-Site", "Referer", "X-Forwarded-For", "Upgrade", "TE"),
    headerText,
  ),
  fc.constantFrom(
    ["Expect", "100-continue"] as [string, string],
    ["Expect", "a miracle"] as [string, string],
    ["X-Long", "x".repeat(20_000)] as [string, string],
    ["Cookie", "a=".repeat(3000)] as [string, string],
  ),
);
const headers = fc.array(header, { maxLength: 3 });

const method = fc.constantFrom(
  ...[
    "GET",
    "GET",
    "GET",
    "HEAD",
    "OPTIONS",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "TRACE",
    "PROPFIND",
    "BREW",
    "get",
  ],
);

/** Anything, at any address. */
export const requests: fc.Arbitrary<Sent> = fc
  .record({ method, path, query, headers })
  .map(({ path, query, ...rest }) => ({ ...rest, path: path + query }));

const encodings = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  unknown: (bytes: Buffer) => bytes,
};
const bombs = {
  gzip: gzipSync(Buffer.alloc(10_000_000, "a")),
  deflate: deflateSync(Buffer.alloc(10_000_000, "a")),
  br: brotliCompressSync(Buffer.alloc(10_000_000, "a"), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  unknown: Buffer.from("a"),
};

const field = fc.oneof({ weight: 4, arbitrary: oddText }, { weight: 1, arbitrary: longText });
const fields = fc.record(
  { title: field, body: field, updatedAt: oddDate, categoryId: oddNumber, name: oddText, "tag[]": oddText },
  { requiredKeys: ["title", "body"] },
);

const json = fields.map((values) => Buffer.from(JSON.stringify(values)));
const form = fields.map((values) => {
  const wellFormed = Object.entries(values).map(([name, value]): [string, string] => [
    name,
    value.toWellFormed(),
  ]);
  return Buffer.from(String(new URLSearchParams(wellFormed)));
});
const types: Record<string, fc.Arbitrary<[body: Buffer, type: string]>> = {
  json: fc.tuple(json, fc.constant("application/json")),
  form: fc.tuple(form, fc.constant("application/x-www-form-urlencoded")),
  oddJson: fc.tuple(
    oddJson.map((text) => Buffer.from(text)),
    fc.constant("application/json"),
  ),
  bytes: fc.tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          "title=%FF&body=b",
          "title=%",
          `${"a=b&".repeat(60)}`,
          "title=a&title=b&body=c",
          "__proto__=1&title=t&body=b",
        )
        .map((text) => Buffer.from(text)),
      fc.constant(Buffer.from([0x7b, 0x22, 0x61, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    ),
    fc.constantFrom(
      ...[
        "application/json",
        "application/json; charset=utf-16",
        "application/json; charset=latin-9",
        "application/json; charset",
      ],
      ...[
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "text/plain",
        "",
      ],
      ...[
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "application/json, application/json",
        ";;;",
      ],
    ),
  ),
};

/** Of every three, two are such as the blog means to store. */
const bodies = fc.oneof(
  { weight: 4, arbitrary: types.json as fc.Arbitrary<[Buffer, string]> },
  ...["form", "oddJson", "bytes"].map((name) => types[name] as fc.Arbitrary<[Buffer, string]>),
);

/** Something to store, that should not be or can be. */
export const writes: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.constantFrom("POST", "POST", "POST", "PUT"),
    path: fc.oneof(
      fc.constantFrom("/api/posts", "/posts", "/api/categories", "/categories"),
      segment.map((id) => `/api/posts/${id}`),
      segment.map((id) => `/posts/${id}`),
    ),
    body: bodies,
    encoding: fc.option(fc.constantFrom(...(Object.keys(encodings) as (keyof typeof encodings)[])), {
      freq: 12,
    }),
    bomb: fc.boolean(),
    chunked: fc.boolean(),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 20 }),
    headers: fc.array(header, { maxLength: 1 }),
  })
  .map(({ method, path, body: [plain, type], encoding, bomb: isBomb, chunked, cut, headers }) => {
    const body = !encoding ? plain : isBomb ? bombs[encoding] : encodings[encoding](plain);
    const about: [string, string][] = [["Content-Type", type]];
    if (encoding) about.push(["Content-Encoding", encoding]);
    about.push(chunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(body.length)]);
    const framed = chunked && body.length > 0 ? chunks(body) : chunked ? Buffer.from("0\r\n\r\n") : body;
    return {
      method,
      path,
      headers: [...headers, ...about],
      body: framed,
      ...(cut !== null && { cutAt: Math.floor(cut * framed.length) }),
    };
  });

const chunks = (body: Buffer) =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")]);
