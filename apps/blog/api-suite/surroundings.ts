import assert from "node:assert/strict";
import { answered, type Case, unique, writePost } from "./case.ts";

/** The pages, the probes, and who answered: the same in every release. */
export const surroundings: Case[] = [
  {
    name: "the pages show what was written, and write",
    async run(client) {
      const title = unique("Shown & read");
      const { id } = await writePost(client, { title, body: "**bold**" });
      assert.match(answered(await client.get("/"), 200).text, new RegExp(title.replace("&", "&amp;")));
      assert.match(answered(await client.get(`/posts/${id}`), 200).text, /<strong>bold<\/strong>/);
      const form = answered(await client.get(`/posts/${id}/edit`), 200).text;
      const updatedAt = /name="updatedAt" value="([^"]+)"/.exec(form)?.[1] ?? "";
      answered(await client.form(`/posts/${id}`, { title, body: "edited", updatedAt }), 303);
      assert.equal(answered(await client.get(`/api/posts/${id}`), 200).json.body, "edited");
      answered(await client.get("/posts/new"), 200);
      const made = answered(await client.form("/posts", { title, body: "by hand" }), 303);
      answered(await client.form(`${made.headers.get("location")}/delete`, {}), 303);
    },
  },
  {
    name: "an answer is always whole: no release lets a browser keep what another one gave",
    async run(client) {
      for (const path of ["/", "/api/posts", "/livez"]) {
        for (const headers of [{ "if-none-match": "*" }, { "if-modified-since": new Date().toUTCString() }])
          assert.notEqual(answered(await client.send(path, { headers }), 200).text, "", path);
      }
    },
  },
  {
    name: "the longest text is taken in any script, from the API and from the form",
    async run(client) {
      for (const body of ["x".repeat(100_000), "中".repeat(100_000)]) {
        const { id } = await writePost(client, { body });
        assert.equal(answered(await client.get(`/api/posts/${id}`), 200).json.body, body);
        answered(await client.form(`/posts/${id}`, { title: "t", body }), 303);
        answered(await client.delete(`/api/posts/${id}`), 204);
      }
    },
  },
  {
    name: "every answer names the version that gave it",
    async run(client) {
      const { version, level } = answered(await client.get("/api/version"), 200).json;
      assert.match(level, /^\d{13}$/);
      for (const path of ["/livez", "/readyz", "/api/posts", "/api/posts/x", "/", "/posts/new", "/nothing"])
        assert.equal((await client.get(path)).headers.get("x-app-version"), version, path);
    },
  },
];
