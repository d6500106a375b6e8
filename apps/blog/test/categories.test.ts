import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningBlog, startBlog } from "./setup/blog.ts";
import { type Client, createClient } from "./setup/client.ts";
import { createDatabase } from "./setup/database.ts";

let blogs: RunningBlog[];
let v1: Client;
let v2: Client;

beforeAll(async () => {
  const url = await createDatabase("v2");
  blogs = [await startBlog("v1", url), await startBlog("v2", url)];
  [v1, v2] = blogs.map((blog) => createClient(blog.url)) as [Client, Client];
});
afterAll(async () => {
  await Promise.all(blogs.map((blog) => blog.close()));
});

describe("categories", () => {
  it("are created once, with a slug from their name", async () => {
    const created = await v2.post("/api/categories", { name: "Büro & Küche" });
    expect(created).toMatchObject({ status: 201, json: { slug: "buro-kuche", name: "Büro & Küche" } });
    const again = await v2.post("/api/categories", { name: "büro küche" });
    expect(again).toMatchObject({ status: 409, json: { errors: [{ field: "name" }] } });
    expect((await v2.get("/api/categories")).json.items).toContainEqual(created.json);
  });

  it.each([[{}], [{ name: " " }], [{ name: "!?" }], [{ name: "x".repeat(61) }], [{ name: "a", colour: 1 }]])(
    "are refused with the faulty field named (%j)",
    async (body) => expect(await v2.post("/api/categories", body)).toMatchObject({ status: 400 }),
  );

  it("are shown with their posts, in pages", async () => {
    const { id: categoryId, slug } = (await v2.post("/api/categories", { name: "Paged" })).json;
    const other = (await v2.post("/api/posts", { title: "elsewhere", body: "b" })).json;
    const ids: string[] = [];
    for (const title of ["one", "two", "three"]) {
      const { json } = await v2.post("/api/posts", { title, body: "b", categoryId });
      expect(json.category).toEqual({ id: categoryId, slug, name: "Paged" });
      ids.unshift(json.id);
    }
    const first = (await v2.get(`/api/categories/${slug}/posts?limit=2`)).json;
    const second = (await v2.get(`/api/categories/${slug}/posts?limit=2&after=${first.next}`)).json;
    expect([...first.items, ...second.items].map((post) => post.id)).toEqual(ids);
    expect(second.next).toBeNull();
    expect(other.category).toBeNull();
    expect((await v2.get("/api/categories/nowhere/posts")).status).toBe(404);
  });
});

describe("a post's category", () => {
  it("must exist, which the database decides", async () => {
    const answer = await v2.post("/api/posts", { title: "t", body: "b", categoryId: "999999" });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: "categoryId" }] } });
    const malformed = await v2.post("/api/posts", { title: "t", body: "b", categoryId: 7 });
    expect(malformed).toMatchObject({ status: 400, json: { errors: [{ field: "categoryId" }] } });
  });

  it("survives a v1 writer, and a v2 writer who does not send it; null takes it away", async () => {
    const { id: categoryId } = (await v2.post("/api/categories", { name: "Kept" })).json;
    const { id } = (await v2.post("/api/posts", { title: "t", body: "b", categoryId })).json;
    const path = `/api/posts/${id}`;
    expect((await v1.put(path, { title: "by v1", body: "b" })).json).not.toHaveProperty("category");
    expect((await v2.get(path)).json).toMatchObject({ title: "by v1", category: { id: categoryId } });
    expect((await v2.put(path, { title: "by v2", body: "b" })).json.category).toMatchObject({
      id: categoryId,
    });
    expect((await v2.put(path, { title: "by v2", body: "b", categoryId: null })).json.category).toBeNull();
  });

  it("is refused, not ignored, by v1", async () => {
    const answer = await v1.post("/api/posts", { title: "t", body: "b", categoryId: "1" });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: "categoryId" }] } });
  });
});
