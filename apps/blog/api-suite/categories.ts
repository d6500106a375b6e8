import assert from "node:assert/strict";
import { answered, type Case, unique, writePost } from "./case.ts";
import type { Client } from "./client.ts";

export const makeCategory = async (client: Client, name = unique("Category")) =>
  answered(await client.post("/api/categories", { name }), 201).json;

const faulty = [
  {},
  { name: " " },
  { name: "!?" },
  { name: "x".repeat(61) },
  { name: "nul \0" },
  { name: "half \ud800" },
  { name: "a", colour: 1 },
];

/** What every release promises that has categories. */
export const categories: Case[] = [
  {
    name: "a category is made once, with a slug from its name",
    async run(client) {
      const name = unique("Büro & Küche");
      const slug = name.replace("Büro & Küche ", "buro-kuche-");
      const created = await makeCategory(client, name);
      assert.partialDeepStrictEqual(created, { slug, name });
      const again = answered(await client.post("/api/categories", { name: name.toLowerCase() }), 409);
      assert.equal(again.json.errors[0].field, "name");
      const { items } = answered(await client.get("/api/categories"), 200).json;
      assert.deepEqual(
        items.filter((item: { id: string }) => item.id === created.id),
        [created],
      );
    },
  },
  ...faulty.map(
    (input, n) =>
      ({
        name: `a faulty category (${n}) is refused`,
        async run(client) {
          answered(await client.post("/api/categories", input), 400);
        },
      }) satisfies Case,
  ),
  {
    name: "a category shows its posts, page by page",
    async run(client) {
      const category = await makeCategory(client);
      const ids: string[] = [];
      for (const title of ["one", "two", "three"]) {
        const post = await writePost(client, { title, categoryId: category.id });
        assert.deepEqual(post.category, category);
        ids.unshift(post.id);
      }
      const path = `/api/categories/${category.slug}/posts?limit=2`;
      const first = answered(await client.get(path), 200).json;
      const second = answered(await client.get(`${path}&after=${first.next}`), 200).json;
      const shown = [...first.items, ...second.items].map((post: { id: string }) => post.id);
      assert.deepEqual(shown, ids);
      assert.equal(second.next, null);
      assert.match(answered(await client.get(`/categories/${category.slug}`), 200).text, />three<\/a>/);
      answered(await client.get("/api/categories/nowhere-at-all/posts"), 404);
    },
  },
  {
    name: "a post's category must exist",
    async run(client) {
      for (const categoryId of ["999999999", 7]) {
        const refused = answered(await client.post("/api/posts", { title: "t", body: "b", categoryId }), 400);
        assert.equal(refused.json.errors[0].field, "categoryId");
      }
    },
  },
  {
    name: "a writer who does not send the category leaves it as it is",
    async run(client) {
      const category = await makeCategory(client);
      const { id } = await writePost(client, { categoryId: category.id });
      const { json } = answered(await client.put(`/api/posts/${id}`, { title: "t", body: "b" }), 200);
      assert.deepEqual(json.category, category);
    },
  },
];
