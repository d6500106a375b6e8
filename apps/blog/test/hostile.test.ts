import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzz } from "../bench/fuzz.ts";
import { readNothing } from "../bench/readers.ts";
import { figuresOf, type Target } from "../bench/target.ts";
import { storeHostile } from "../bench/views.ts";
import { createDatabase } from "./setup/database.ts";
import { type BlogProcess, startBlogProcess } from "./setup/process.ts";

// A small part of what bench/hostile.ts does, in the same way: `npm run hostile`.
let blog: BlogProcess;
let paths: string[];
let target: Target;

beforeAll(async () => {
  blog = await startBlogProcess(await createDatabase("v3"), { DRAIN_SECONDS: "0" });
  target = { ...blog, pid: blog.child.pid ?? 0 };
  paths = [...(await storeHostile(target)).values()];
});
afterAll(() => blog?.stop());

const get = async (path: string) => {
  const answer = await fetch(blog.url + path, { signal: AbortSignal.timeout(20_000) });
  return { status: answer.status, text: await answer.text() };
};

it("shows whatever is stored, all of it at once, and answers probes meanwhile", async () => {
  let viewed = false;
  const views = Promise.all(paths.map(get)).finally(() => {
    viewed = true;
  });
  // Some of these texts held the event loop for most of a minute each.
  while (!viewed) expect((await get("/livez")).status).toBe(200);
  expect((await views).map(({ status }) => status)).toEqual(paths.map(() => 200));

  const body = JSON.stringify({ title: "After all that", body: "**formatted**" });
  const headers = { "content-type": "application/json" };
  await fetch(`${blog.url}/api/posts`, { method: "POST", headers, body });
  expect((await get("/")).text).toMatch('<p class="excerpt">formatted</p>');
});

it("keeps its memory while nobody reads what they ask for", async () => {
  const asked = ["/api/posts?limit=100", ...paths, ...paths.map((path) => `/api${path}`)];
  const readers = readNothing(blog.url, asked, 50);
  for (let looks = 0; looks < 8; looks++) {
    await new Promise((done) => setTimeout(done, 300));
    expect((await figuresOf(target)).residentMiB).toBeLessThan(256);
  }
  readers.close();
});

it("answers none of the odd requests with an error of its own, and each of them", async () => {
  const { outcomes, faults } = await fuzz(blog.url, { seed: 17, requests: 300, writes: 150, atOnce: 8 });
  expect(faults).toEqual([]);
  expect(outcomes[200]).toBeGreaterThan(30);
  expect(outcomes[400]).toBeGreaterThan(30);
});

it("logs lines with each name once", async () => {
  await blog.stop();
  const lines = blog
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line.match(/"level":/g), line).toHaveLength(1);
});
