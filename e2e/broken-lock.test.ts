import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "./scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("broken-lock", "v2");
});
afterAll(() => blog?.remove());

test("a lock that is held for seconds goes red for the stall", async () => {
  const summary = await blog.brieflyUnderLoad("v2", "broken-lock");

  expect(summary.verdict).toBe("failed");
  expect(summary.reasons.join("; ")).toMatch(/nothing was answered for \d{4,} ms/);
  // The new release itself is fine: both served, and the rollout came to its end.
  expect(summary.servedBy).toMatchObject({ v2: expect.any(Number), "broken-lock": expect.any(Number) });
});
