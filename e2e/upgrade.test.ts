import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "./scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("upgrade", "v1");
});
afterAll(() => blog?.remove());

test("v1 gets its categories under load: no request fails, no write is lost", async () => {
  const summary = await blog.underLoad("v1", "v2", () => blog.deploy("v2"));

  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({
    verdict: "passed",
    failed: 0,
    droppedIterations: 0,
    lostWrites: 0,
    duplicatedWrites: 0,
    alteredWrites: 0,
  });
  expect(summary.servedBy.v1).toBeGreaterThan(0);
  expect(summary.servedBy.v2).toBeGreaterThan(0);
  expect((await fetch(`${blog.url}/api/categories`)).status).toBe(200);
});
