import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "./scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("rollback", "v1");
  await blog.deploy("v2");
  await blog.settled();
});
afterAll(() => blog?.remove());

test("helm rollback under load: the old release serves on the new schema at once", async () => {
  // What a rollout takes is held against a plain restart where v2 comes in: `upgrade`.
  const summary = await blog.load("v2", "v1", async (proof) => {
    await proof.steady(4_000);
    await proof.upgrade(() => blog.rollback(1), console.log);
  });

  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0 });
  expect(await (await fetch(`${blog.url}/api/version`)).json()).toMatchObject({ version: "v1" });
});
