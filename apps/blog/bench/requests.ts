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
const headers = fc.oneof(fc.constant([]), fc.array(header, { minLength: 1, maxLength: 2 }));

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

const good = fc.constantFrom("A title", "Ein Titel", "題名", "**bold** and <b>not</b>");
const title = fc.oneof({ weight: 3, arbitrary: good }, oddText);
const body = fc.oneof(good, oddText, longText);
/** In one of so many. */
const oneOf = <T>(many: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: many - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const post = fc.record({
  title,
  body,
  updatedAt: oneOf(3, oddDate),
  categoryId: oneOf(3, oddNumber),
  "tag[]": oneOf(20, oddText),
});
const category = fc.record({ name: fc.oneof(good, oddText) });

type Fields = Record<string, string | undefined>;
type Body = readonly [bytes: Buffer, type: string];
const asJson = (fields: Fields): Body => [Buffer.from(JSON.stringify(fields)), "application/json"];
const asForm = (fields: Fields): Body => {
  const sent = Object.entries(fields).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value.toWellFormed()]],
  );
  return [Buffer.from(String(new URLSearchParams(sent))), "application/x-www-form-urlencoded"];
};

interface Write {
  method: string;
  path: string;
  body: Body;
}
const write = (method: string, path: fc.Arbitrary<string>, body: fc.Arbitrary<Body>): fc.Arbitrary<Write> =>
  fc.record({ method: fc.constant(method), path, body });
const key = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 200 }).map(String) }, segment);
const at = (path: string) => fc.constant(path);

/** As a client of the blog sends it, but for what is in it. */
const wellMeant = fc.oneof(
  write("POST", at("/api/posts"), post.map(asJson)),
  write(
    "PUT",
    key.map((id) => `/api/posts/${id}`),
    post.map(asJson),
  ),
  write("POST", at("/posts"), post.map(asForm)),
  write(
    "POST",
    key.map((id) => `/posts/${id}`),
    post.map(asForm),
  ),
  write("POST", at("/api/categories"), category.map(asJson)),
  write("POST", at("/categories"), category.map(asForm)),
);

const oddBytes: fc.Arbitrary<Buffer> = fc.oneof(
  oddJson.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      ...[
        "title=%FF&body=b",
        "title=%",
        "a=b&".repeat(60),
        "title=a&title=b&body=c",
        "__proto__=1&title=t&body=b",
      ],
    )
    .map((text) => Buffer.from(text)),
  fc.constant(Buffer.from([0x7b, 0x22, 0x61, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
);
const json = "application/json";
const form = "application/x-www-form-urlencoded";
const oddType = fc.constantFrom(
  ...[
    json,
    json,
    form,
    `${json}; charset=utf-16`,
    `${json}; charset=latin-9`,
    `${json}; charset`,
    `${json}, ${json}`,
  ],
  ...[`${form}; charset=iso-8859-1`, "text/plain", "", "multipart/form-data; boundary=x", ";;;"],
);
const odd = fc.record({
  method: fc.constantFrom("POST", "PUT"),
  path: fc.oneof(
    fc.constantFrom("/api/posts", "/posts", "/api/categories", "/categories"),
    key.map((id) => `/api/posts/${id}`),
  ),
  body: fc.tuple(oddBytes, oddType),
});

/** Something to store, that should not be or can be. */
export const writes: fc.Arbitrary<Sent> = fc
  .record({
    write: fc.oneof({ weight: 3, arbitrary: wellMeant }, odd),
    encoding: oneOf(12, fc.constantFrom(...(Object.keys(encodings) as (keyof typeof encodings)[]))),
    isBomb: fc.boolean(),
    chunked: fc.boolean(),
    cut: oneOf(20, fc.double({ min: 0, max: 1, noNaN: true })),
    header: oneOf(8, header),
  })
  .map(({ write, encoding, isBomb, chunked, cut, header }) => {
    const { method, path } = write;
    const [plain, type] = write.body;
    const bytes = !encoding ? plain : isBomb ? bombs[encoding] : encodings[encoding](plain);
    const about: [string, string][] = [["Content-Type", type]];
    if (encoding) about.push(["Content-Encoding", encoding]);
    about.push(chunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(bytes.length)]);
    const body = chunked ? chunks(bytes) : bytes;
    return {
      method,
      path,
      headers: header ? [header, ...about] : about,
      body,
      ...(cut !== undefined && { cutAt: Math.floor(cut * body.length) }),
    };
  });

/** In one chunk, and the one of no bytes that ends it. */
const chunks = (bytes: Buffer) =>
  Buffer.concat([
    ...(bytes.length > 0
      ? [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]
      : []),
    Buffer.from("0\r\n\r\n"),
  ]);
