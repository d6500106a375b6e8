import fc from "fast-check";
import { hostileTexts } from "./texts.ts";

/** Texts that some layer between a client and PostgreSQL reads otherwise than the one before it. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom(
    ...[
      "",
      " ",
      "\0",
      "a\0b",
      "\ud800",
      "\udc00x",
      "\ufeff",
      "\u2028",
      "\u202e",
      "%",
      "%00",
      "%ZZ",
      "\\",
      "\r\n",
    ],
    ...[
      "null",
      "undefined",
      "NaN",
      "true",
      "[]",
      "{}",
      "__proto__",
      "constructor",
      "../../etc/passwd",
      "'; --",
    ],
    ...[
      "<script>alert(1)</script>",
      "\u0130",
      "\ufdfa".repeat(60),
      "é".repeat(200),
      "👩‍👩‍👧‍👦".repeat(30),
      "x".repeat(201),
    ],
  ),
);

export const oddNumber: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: 1, max: 300 }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.double().map(String),
  fc.constantFrom(
    "0",
    "-0",
    "+1",
    "1e400",
    "1e3",
    "0x10",
    "1_000",
    "9223372036854775807",
    "9223372036854775808",
    "٣",
    "½",
  ),
);

/** Within and beyond what JavaScript and PostgreSQL can hold. */
export const oddDate: fc.Arbitrary<string> = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    ...[
      "-271821-04-20T00:00:00.000Z",
      "+275760-09-13T00:00:00.000Z",
      "0000-01-01T00:00:00Z",
      "9999-12-31T23:59:59.999Z",
    ],
    ...[
      "2024-02-30T00:00:00Z",
      "infinity",
      "-infinity",
      "now",
      "today",
      "epoch",
      "",
      "12",
      "-1",
      "8640000000000000",
    ],
  ),
);

export const longText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...Object.values(hostileTexts)),
  fc.constantFrom(
    ...[
      "x".repeat(100_000),
      "x".repeat(100_001),
      "中".repeat(100_000),
      "👍".repeat(50_000),
      "\u0001".repeat(100_000),
    ],
  ),
);

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

export const oddJson: fc.Arbitrary<string> = fc.oneof(
  fc.json(),
  fc.constantFrom(
    ...[
      "",
      "{",
      "null",
      "1e999",
      '"\\ud800"',
      '{"title":"a","title":"b","body":"c"}',
      '{"__proto__":{"title":"t"}}',
      "\ufeff{}",
    ],
    ...[nested(50_000), `{"a":${nested(1000)}}`, `{"constructor":{"prototype":{}},"title":"t","body":"b"}`],
    `{${Array.from({ length: 20_000 }, (_, n) => `"k${n}":1`).join()}}`,
  ),
);
