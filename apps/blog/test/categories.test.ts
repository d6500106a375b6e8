import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "../api-suite/client.ts";
import { migrate } from "../schema.ts";
import { type RunningBlog, startBlog } from "./setup/blog.ts";
import { createDatabase, releases, sql } from "./setup/database.ts";

// Three releases on one schema: that of v3 before its contract.
let url: string;
let blogs: RunningBlog[];
let v1: Client;
let v2: Client;
let v3: Client;

beforeAll(async () => {
  url = await createDatabase("v3 expand");
  blogs = await Promise.all((["v1", "v2", "v3"] as const).map((name) => startBlog(name, url)));
  [v1, v2, v3] = blogs.map((blog) => createClient(blog.url)) as [Client, Client, Client];
});
afterAll(async () => {
  await Promise.all(blogs.map((blog) => blog.close()));
});

const category = async (name: string): Promise<string> =>
  (await v2.post("/api/categories", { name })).json.id;

describe("a post's category", () => {
  it("survives a v1 writer", async () => {
    const categoryId = await category("Kept");
    const { id } = (await v2.post("/api/posts", { title: "t", body: "b", categoryId })).json;
    const path = `/api/posts/${id}`;
    expect((await v1.put(path, { title: "by v1", body: "b" })).json).not.toHaveProperty("category");
    for (const client of [v2, v3])
      expect((await client.get(path)).json).toMatchObject({ title: "by v1", category: { id: categoryId } });
  });

  it("is refused, not ignored, by v1", async () => {
    const answer = await v1.post("/api/posts", { title: "t", body: "b", categoryId: "1" });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: "categoryId" }] } });
  });
});

describe("a post without a category, written while v3 is rolled out", () => {
  const writeWithout = async (writer: Client): Promise<string> =>
    `/api/posts/${(await writer.post("/api/posts", { title: "Unfiled", body: "b" })).json.id}`;

  it("is found by v3, which shows it as v2 does", async () => {
    for (const writer of [v1, v2]) {
      const path = await writeWithout(writer);
      expect((await v3.get(path)).json).toEqual((await v2.get(path)).json);
      expect((await v3.get("/api/posts?limit=1")).json.items[0]).toMatchObject({ category: null });
      expect((await v3.get(path.slice("/api".length))).text).toMatch("<h1>Unfiled</h1>");
    }
  });

  it("is filed by whoever edits it with v3, in the API and in the form", async () => {
    const path = await writeWithout(v1);
    const { json } = await v3.put(path, { title: "t", body: "b" });
    expect(json.category).toMatchObject({ slug: "general" });

    const page = (await writeWithout(v2)).slice("/api".length);
    const form = (await v3.get(`${page}/edit`)).text;
    expect(form).toMatch(/<option value="\d+" selected>General</);
    // A form of v2 that v3 receives says "None".
    expect(await v3.form(page, { title: "t", body: "b", categoryId: "" })).toMatchObject({ status: 303 });
    expect((await v2.get(`/api${page}`)).json.category).toMatchObject({ slug: "general" });
  });
});

it("the general category may have been made by somebody before", async () => {
  const other = await createDatabase("v2");
  await sql(other, "INSERT INTO categories (slug, name) VALUES ('general', 'GENERAL!')");
  await migrate(other, releases.v3.migrations);
  const blog = await startBlog("v3", other);
  const { json } = await createClient(blog.url).post("/api/posts", { title: "t", body: "b" });
  expect(json.category).toMatchObject({ id: "1", name: "GENERAL!" });
  await blog.close();
});
