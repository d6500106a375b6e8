import assert from "node:assert/strict";
import { answered, type Case } from "./case.ts";

const faulty: [input: unknown, fields: string[]][] = [
  [{ body: "b" }, ["title"]],
  [{ title: "", body: " " }, ["title", "body"]],
  [{ title: "t".repeat(201), body: "b" }, ["title"]],
  [{ title: "t", body: "b".repeat(100_001) }, ["body"]],
  [{ title: 1, body: null }, ["title", "body"]],
  [{ title: "nul \0", body: "half \ud800" }, ["title", "body"]],
  [{ title: "t", body: "b", colour: "red" }, ["colour"]],
  [{ title: "t", body: "b", updatedAt: "yesterday" }, ["updatedAt"]],
  [{ title: "t", body: "b", updatedAt: "-271821-04-20T00:00:00.000Z" }, ["updatedAt"]],
  [{ title: "t", body: "b", updatedAt: 0 }, ["updatedAt"]],
  [{ title: "t", body: "b", updatedAt: ["2026-01-01T00:00:00Z"] }, ["updatedAt"]],
  [[], [""]],
];

const json = { "content-type": "application/json" };
const notUtf8 = Buffer.from('{"title":"\xff","body":"b"}', "latin1");
const requests: [method: string, path: string, init: RequestInit, status: number][] = [
  ["GET", "/api/posts/0", {}, 404],
  ["GET", "/api/posts/abc", {}, 404],
  ["GET", "/api/posts/9223372036854775808", {}, 404],
  ["GET", "/api/posts/%E0%A4%A", {}, 400],
  ["GET", "/api/posts?limit=0", {}, 400],
  ["GET", "/api/posts?limit=x", {}, 400],
  ["GET", "/api/posts?after=%00", {}, 400],
  ["GET", "/api/nothing", {}, 404],
  ["PATCH", "/api/posts", {}, 405],
  ["POST", "/api/posts", { headers: json, body: "{" }, 400],
  ["POST", "/api/posts", { headers: json, body: `"${"x".repeat(700_000)}"` }, 413],
  ["POST", "/api/posts", { headers: { "content-type": "text/plain" }, body: "{}" }, 415],
  ["POST", "/api/posts", { headers: { "content-type": `${json["content-type"]}; charset=latin-9` } }, 415],
  ["POST", "/api/posts", {}, 415],
  ["POST", "/api/posts", { headers: json, body: notUtf8 }, 400],
  ["POST", "/api/posts", { headers: { ...json, "content-encoding": "gzip" }, body: "{}" }, 400],
  ["POST", "/api/posts", { headers: { ...json, "content-encoding": "br" }, body: "{}" }, 415],
  ["PUT", "/api/posts/1", { headers: { ...json, "if-match": '"1"' }, body: "{}" }, 412],
  ["DELETE", "/api/posts/1", { headers: { "if-none-match": "*" } }, 412],
  ["POST", "/api/posts", { headers: { ...json, origin: "http://elsewhere.example" }, body: "{}" }, 403],
];

/** How the API says no, in every release. */
export const refusals: Case[] = [
  ...faulty.map(
    ([input, fields], n) =>
      ({
        name: `faulty input (${n}) is refused, naming ${fields.join(" and ") || "no field"}`,
        async run(client) {
          const { headers, json } = answered(await client.post("/api/posts", input), 400);
          assert.match(headers.get("content-type") ?? "", /^application\/problem\+json/);
          assert.partialDeepStrictEqual(json, { type: "about:blank", title: "Bad Request", status: 400 });
          assert.deepEqual(
            json.errors.map((error: { field: string }) => error.field),
            fields,
          );
        },
      }) satisfies Case,
  ),
  ...requests.map(
    ([method, path, init, status], n) =>
      ({
        name: `${method} ${path} (${n}) is a ${status}`,
        async run(client) {
          const { json } = answered(await client.send(path, { method, ...init }), status);
          assert.equal(json.status, status);
          assert.equal(typeof json.title, "string");
          assert.equal(typeof json.detail, "string");
        },
      }) satisfies Case,
  ),
];
