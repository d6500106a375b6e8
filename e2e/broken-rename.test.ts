import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "./scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("broken-rename", "v1");
});
afterAll(() => blog?.remove());

test("a column renamed under the running code goes red, and the report says who failed and why", async () => {
  const summary = await blog.brieflyUnderLoad("v1", "broken-rename");

  expect(summary.verdict).toBe("failed");
  expect(summary.failed).toBeGreaterThan(0);
  expect(summary.reasons.join("; ")).toMatch(/\d+ of \d+ requests failed/);
  // The old release is the one that breaks: it still asks for the old column.
  expect(summary.failures[0]).toMatchObject({ what: expect.stringMatching(/ → 500 from v1$/) });
});
