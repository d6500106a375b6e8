import assert from "node:assert/strict";
import { answered, type Case, writePost } from "./case.ts";

/** What the posts API promises in every release. */
export const posts: Case[] = [
  {
    name: "a post is written, read, replaced and deleted",
    async run(client) {
      const created = answered(await client.post("/api/posts", { title: " First ", body: "One\n" }), 201);
      const { id } = created.json;
      const path = `/api/posts/${id}`;
      assert.match(id, /^\d+$/);
      assert.equal(created.headers.get("location"), path);
      assert.partialDeepStrictEqual(created.json, { title: "First", body: "One\n" });
      assert.deepEqual(answered(await client.get(path), 200).json, created.json);

      const replaced = answered(await client.put(path, { title: "Second", body: "Two" }), 200).json;
      const { createdAt, updatedAt } = created.json;
      assert.partialDeepStrictEqual(replaced, { id, title: "Second", body: "Two", createdAt });
      assert.ok(Date.parse(replaced.updatedAt) > Date.parse(updatedAt), "updatedAt did not move");
      assert.deepEqual(answered(await client.get(path), 200).json, replaced);

      answered(await client.delete(path), 204);
      answered(await client.get(path), 404);
      answered(await client.delete(path), 404);
      answered(await client.put(path, { title: "x", body: "y" }), 404);
    },
  },
  {
    name: "the list gives the newest first, each post once, whoever wrote it",
    async run(client) {
      const written: string[] = [];
      for (let n = 0; n < 5; n++) written.unshift((await writePost(client, { title: `Post ${n}` })).id);
      const seen: string[] = [];
      let after = "";
      do {
        const { items, next } = answered(await client.get(`/api/posts?limit=100${after}`), 200).json;
        for (const post of items) {
          for (const key of ["id", "title", "body", "createdAt", "updatedAt"])
            assert.equal(typeof post[key], "string", `${key} of post ${post.id}`);
          seen.push(post.id);
        }
        after = next === null ? "" : `&after=${next}`;
      } while (after !== "" && seen.length < 1000);
      const numbers = seen.map(BigInt);
      assert.ok(
        numbers.slice(1).every((id, n) => id < (numbers[n] ?? 0n)),
        "not strictly descending",
      );
      assert.deepEqual(
        seen.filter((id) => written.includes(id)),
        written,
      );
    },
  },
  {
    name: "pages follow each other without a gap",
    async run(client) {
      const written: string[] = [];
      for (let n = 0; n < 5; n++) written.unshift((await writePost(client)).id);
      const seen: string[] = [];
      let after = "";
      // Others may be writing: their posts come in between, never instead.
      for (let page = 0; page < 50 && !seen.includes(written.at(-1) ?? ""); page++) {
        const { items, next } = answered(await client.get(`/api/posts?limit=2${after}`), 200).json;
        // Fewer where their bodies are long: a page is bounded in bytes as well.
        assert.ok(items.length === 2 || items.length === 1, `${items.length} posts on a page of two`);
        seen.push(...items.map((post: { id: string }) => post.id));
        after = `&after=${next}`;
      }
      assert.deepEqual(
        seen.filter((id) => written.includes(id)),
        written,
      );
    },
  },
  {
    name: "of two writers who saw the same state, one is refused",
    async run(client) {
      const { id, updatedAt } = await writePost(client);
      const path = `/api/posts/${id}`;
      const both = await Promise.all([
        client.put(path, { title: "Mine", body: "m", updatedAt }),
        client.put(path, { title: "Yours", body: "y", updatedAt }),
      ]);
      const [winner, loser] = both.sort((one, other) => one.status - other.status);
      assert.deepEqual([winner?.status, loser?.status], [200, 409]);
      assert.deepEqual(answered(await client.get(path), 200).json, winner?.json);
    },
  },
];
