import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answer, type Client, createClient } from "../api-suite/client.ts";
import { type RunningBlog, startBlog } from "./setup/blog.ts";
import { createDatabase } from "./setup/database.ts";

let blog: RunningBlog;
let client: Client;
beforeAll(async () => {
  blog = await startBlog("v2", await createDatabase("v2"));
  client = createClient(blog.url);
});
afterAll(() => blog.close());

it("shows every post once while others come and go", async () => {
  const write = async (title: string) =>
    (await client.post("/api/posts", { title, body: "b" })).json.id as string;
  const before: string[] = [];
  for (let n = 0; n < 30; n++) before.unshift(await write(`before ${n}`));
  const seen: string[] = [];
  let next: string | null = "";
  while (next !== null) {
    const answer: Answer = await client.get(`/api/posts?limit=4${next && `&after=${next}`}`);
    seen.push(...answer.json.items.map((post: { id: string }) => post.id));
    next = answer.json.next;
    // Above the page just read two come, and the very post that the cursor names goes.
    await Promise.all([write("between"), write("between"), client.delete(`/api/posts/${seen.at(-1)}`)]);
  }
  expect(seen).toEqual(before);
});

it("gives fewer posts on a page when they are long, and all of them in the end", async () => {
  const body = "中".repeat(50_000);
  const written: string[] = [];
  for (let n = 0; n < 4; n++)
    written.unshift((await client.post("/api/posts", { title: `long ${n}`, body })).json.id);
  const seen: string[] = [];
  for (let next = ""; seen.length < 4; ) {
    const { text, json }: Answer = await client.get(`/api/posts?limit=100${next && `&after=${next}`}`);
    expect(Buffer.byteLength(text)).toBeLessThan(300_000);
    expect(json.items.every((post: { body: string }) => post.body !== "")).toBe(true);
    seen.push(...json.items.map((post: { id: string }) => post.id));
    next = json.next;
  }
  expect(seen.slice(0, 4)).toEqual(written);
  for (const id of written) await client.delete(`/api/posts/${id}`);
});

it("in the browser leads from page to page", async () => {
  for (let n = 0; n < 12; n++) await client.post("/api/posts", { title: `more ${n}`, body: "b" });
  const first = (await client.get("/")).text;
  const older = /href="(\/\?after=[^"]+)"/.exec(first)?.[1] ?? "";
  const second = (await client.get(older)).text;
  const links = (page: string) => page.match(/href="\/posts\/\d+"/g) ?? [];
  expect(links(first)).toHaveLength(10);
  expect(new Set([...links(first), ...links(second)]).size).toBe(links(first).length + links(second).length);
  expect(second).toMatch("← Newest");
  expect((await client.get("/?after=forged")).status).toBe(400);
});
