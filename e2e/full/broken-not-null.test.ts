import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("broken-not-null", "v2");
});
afterAll(() => blog?.remove());

test("a column required before the running code fills it goes red, for the writes of the old release", async () => {
  const summary = await blog.brieflyUnderLoad("v2", "broken-not-null");

  expect(summary.verdict).toBe("failed");
  expect(summary.failed).toBeGreaterThan(0);
  expect(summary.failures[0]).toMatchObject({ what: expect.stringMatching(/^create → \d+ from v2$/) });
  // Reads go on: it is the writes of the old code that the new schema refuses.
  expect(summary.failures.map(({ what }) => what).join()).not.toMatch(/list|page|read/);
});
