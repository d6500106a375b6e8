import { join } from "node:path";
import { artifacts } from "@schema-rollout/scripts/lib/paths.ts";
import { readRun } from "@schema-rollout/scripts/lib/report/read.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

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
  // And the report knows what the clients stood in front of.
  const { queues = [] } = await readRun(join(artifacts, "e2e/broken-lock/run.json"));
  const longest = queues.find(({ what, longestMs }) => what === "posts" && longestMs > 1_000);
  expect(longest?.sessions).toBeGreaterThan(3);
});
