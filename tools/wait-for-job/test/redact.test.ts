import fc from "fast-check";
import { expect, test } from "vitest";
import { excerpt } from "../src/diagnostics/excerpt.ts";
import { passwordsOf, redact } from "../src/redact.ts";

/** Anything a password is made of without being quoted or escaped. */
const password = fc.stringMatching(/^[A-Za-z0-9!#$%*+./<=>?^_|~@-]{8,30}$/);
const quoted = fc.stringMatching(/^[A-Za-z0-9 !#$%,;:&{}()*+./@-]{8,30}$/).map((text) => `q${text}q`);

const bare: ((password: string) => string)[] = [
  (p) => `connect to postgres://blog:${p}@db.example:5432/blog?sslmode=verify-full failed`,
  (p) => `postgresql://blog:${p}@db`,
  (p) => `"url":"https://user:${p}@registry/x"`,
  (p) => `postgres://:${p}@db/blog and more`,
  (p) => `PGPASSWORD=${p} psql`,
  (p) => `host=db user=blog password=${p} dbname=blog`,
  (p) => `password: ${p}`,
  (p) => `API_KEY=${p}`,
  (p) => `authorization: Bearer ${p.replace(/[^\w.~+/=-]/g, "x")}`,
];
const inQuotes: ((password: string) => string)[] = [
  (p) => `{"user":"blog","password":"${p}","n":1}`,
  (p) => `{"config":"{\\"password\\":\\"${p}\\"}"}`,
  (p) => `{ password: '${p}', user: 'blog' }`,
  (p) => `password => '${p}'`,
  (p) => `ALTER ROLE blog PASSWORD '${p}'`,
  (p) => `CREATE USER blog WITH LOGIN PASSWORD '${p}';`,
];

test("a password is hidden wherever it stands", () => {
  fc.assert(
    fc.property(password, fc.constantFrom(...bare), (secret, form) => {
      // The token of the last form is made of fewer characters.
      for (const shown of [secret, secret.replace(/[^\w.~+/=-]/g, "x")]) {
        expect(redact(form(secret))).not.toContain(shown);
      }
    }),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(quoted, fc.constantFrom(...inQuotes), (secret, form) => {
      expect(redact(form(secret))).not.toContain(secret);
    }),
    { numRuns: 1_000 },
  );
});

test("a URL that breaks off: the rest of it is hidden, unless it is a port", () => {
  expect(redact("postgres://blog:unfinished")).toBe("postgres://blog:***");
  expect(redact("postgres://blog:123456 and more")).toBe("postgres://blog:*** and more");
  expect(redact("postgres://db:5432")).toBe("postgres://db:5432");
});

test("a password with a space in a URL", () => {
  expect(redact("cannot reach postgres://blog:two words@db/blog")).toBe(
    "cannot reach postgres://blog:***@db/blog",
  );
});

test.each([
  "postgres://127.0.0.1:5432/blog refused",
  "connect ECONNREFUSED 10.0.0.1:5432",
  'password authentication failed for user "blog"',
  'secret "blog-migrator-database" not found',
  "canceling statement due to lock timeout",
  "https://example.com/a:b",
])("what is no secret stays: %s", (text) => expect(redact(text)).toBe(text));

test("the passwords of a URL are known in every form", () => {
  const all = passwordsOf("postgres://u:p%40ss@h/d?password=other");
  expect(all).toEqual(expect.arrayContaining(["p%40ss", "p@ss", "other"]));
  expect(redact("the word is p@ss, or p%40ss, or other", all)).toBe("the word is ***, or ***, or ***");
  expect(passwordsOf(undefined)).toEqual([]);
});

test("of a log that was cut no part of a password is left, wherever the cut was", () => {
  const secret = "Q7ZX4WV9KJ";
  const log = `first line\nsee postgres://blog:${secret}@db:5432/blog for more\nlast line\n`;
  const parts = Array.from({ length: secret.length - 3 }, (_, at) => secret.slice(at, at + 4));
  for (let from = 0; from < log.length; from += 1) {
    for (const cut of [log.slice(from), log.slice(0, from)]) {
      const shown = excerpt(cut, Buffer.byteLength(cut), []);
      expect(parts.filter((part) => shown.includes(part))).toEqual([]);
    }
  }
  expect(excerpt(log, 1_000, [])).toBe(
    "first line | see postgres://blog:***@db:5432/blog for more | last line",
  );
});
