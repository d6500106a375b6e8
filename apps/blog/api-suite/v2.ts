import assert from "node:assert/strict";
import { answered, type Case, writePost } from "./case.ts";
import { categories, makeCategory } from "./categories.ts";
import * as v1 from "./v1.ts";

/** A post may be in no category. */
const optional: Case[] = [
  {
    name: "a post written without a category is in none",
    async run(client) {
      const post = await writePost(client);
      assert.equal(post.category, null);
      assert.deepEqual(answered(await client.get(`/api/posts/${post.id}`), 200).json, post);
    },
  },
  {
    name: "null takes a post out of its category",
    async run(client) {
      const { id } = await writePost(client, { categoryId: (await makeCategory(client)).id });
      const input = { title: "t", body: "b", categoryId: null };
      assert.equal(answered(await client.put(`/api/posts/${id}`, input), 200).json.category, null);
    },
  },
  {
    name: "the form offers no category as a choice",
    async run(client) {
      assert.match(answered(await client.get("/posts/new"), 200).text, /<option value=""[^>]*>None</);
    },
  },
];

export const suite: Case[] = [...v1.suite, ...categories, ...optional];
