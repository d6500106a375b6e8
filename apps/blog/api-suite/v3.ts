import assert from "node:assert/strict";
import { answered, type Case, writePost } from "./case.ts";
import { categories, makeCategory } from "./categories.ts";
import * as v1 from "./v1.ts";

/** A post that this release wrote is in a category. */
const required: Case[] = [
  {
    name: "a post written without a category is in the general one",
    async run(client) {
      const post = await writePost(client);
      assert.partialDeepStrictEqual(post.category, { slug: "general" });
      assert.deepEqual(answered(await client.get(`/api/posts/${post.id}`), 200).json, post);
      // What others write meanwhile may be long, and a page is bounded in bytes.
      let found = false;
      let after: string | null = "";
      for (let page = 0; page < 50 && !found && after !== null; page++) {
        const path: string = `/api/categories/general/posts?limit=100${after}`;
        const { items, next } = answered(await client.get(path), 200).json;
        found = items.some(({ id }: { id: string }) => id === post.id);
        after = next === null ? null : `&after=${next}`;
      }
      assert.ok(found, "it is not among them");
    },
  },
  {
    name: "null puts a post into the general category",
    async run(client) {
      const { id } = await writePost(client, { categoryId: (await makeCategory(client)).id });
      const input = { title: "t", body: "b", categoryId: null };
      const { json } = answered(await client.put(`/api/posts/${id}`, input), 200);
      assert.partialDeepStrictEqual(json.category, { slug: "general" });
    },
  },
  {
    name: "the form offers categories only, the general one first chosen",
    async run(client) {
      const { text } = answered(await client.get("/posts/new"), 200);
      assert.match(text, /<option value="\d+" selected>General</);
      assert.doesNotMatch(text, /<option value=""/);
    },
  },
];

export const suite: Case[] = [...v1.suite, ...categories, ...required];
