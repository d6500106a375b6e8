import { expect, test } from "vitest";
import { keepSecret, redact } from "../src/redact.ts";

const at = (password: string) => `postgres://user:${password}@db:5432/blog`;

test.each([
  ["in a URL", at("hidden-plain"), "hidden-plain"],
  ["encoded", at("hidden%2Fencoded"), "hidden/encoded"],
  ["as URL encodes it", at("hidden-ü"), "hidden-%C3%BC"],
  ["with an @", at("a@hidden-at"), "a@hidden-at"],
  ["with a quote, in JSON", at('hidden"quote'), JSON.stringify('hidden"quote').slice(1, -1)],
  ["in the query", "postgres://user@db/blog?password=hidden-query", "hidden-query"],
  ["in what is no URL", "postgres://user:hidden-%-broken@db:port/blog", "hidden-%-broken"],
  ["in an argument", `--shadow=${at("hidden-argument")}`, "hidden-argument"],
])("a password %s is not repeated", (_, text, password) => {
  keepSecret(text);
  for (const said of [`the password is ${password}`, text, `failed: ${text}.`]) {
    expect(redact(said)).toContain("***");
    expect(redact(said)).not.toContain("hidden");
  }
});

test("nor one of a URL that nobody told of; the form of a URL may be shown", () => {
  expect(redact(at("never-seen"))).toBe("postgres://user:***@db:5432/blog");
  expect(redact("Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE.")).toContain("USER:PASSWORD@HOST");
});

test.each([
  "ALTER ROLE a PASSWORD 'hidden'",
  "CREATE ROLE a LOGIN ENCRYPTED password E'it\\'s hidden' VALID UNTIL 'tomorrow'",
  "CREATE USER a PASSWORD 'it''s hidden'",
  "ALTER ROLE a PASSWORD $x$hidden$x$",
  "CREATE USER MAPPING FOR a SERVER b OPTIONS (user 'u', password 'hidden')",
  "CREATE SUBSCRIPTION s CONNECTION 'host=h password=hidden dbname=d' PUBLICATION p",
  "SELECT set_password(password => 'hidden')",
  "ALTER ROLE a PASSWORD 'hidden, and cut",
])("nor one in a statement: %s", (sql) => {
  expect(redact(sql)).not.toContain("hidden");
  expect(redact(sql)).toContain("***");
});
