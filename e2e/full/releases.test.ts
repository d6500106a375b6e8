import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("releases", "v1");
});
afterAll(() => blog?.remove());

const quietly = () => {};
const version = async () => {
  const answer = await fetch(`${blog.url}/api/version`);
  return ((await answer.json()) as { version: string }).version;
};

test("v1 → v2 → v3, and back to v2 and v1 while the contract is pending, under one load", async () => {
  const summary = await blog.load("v1", "v3", async (proof) => {
    await proof.steady(3_000);
    await proof.upgrade(() => blog.deploy("v2"), quietly);
    // As long as the contract has not been applied, there is a way back.
    await proof.upgrade(() => blog.deploy("v3", "--set", "contract.enabled=false"), quietly);
    expect(await version()).toBe("v3");
    await proof.upgrade(() => blog.rollback(2), quietly);
    expect(await version()).toBe("v2");
    await proof.upgrade(() => blog.rollback(1), quietly);
  });
  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({
    verdict: "passed",
    failed: 0,
    lostWrites: 0,
    duplicatedWrites: 0,
    alteredWrites: 0,
  });
  expect(Object.keys(summary.servedBy).sort()).toEqual(["v1", "v2", "v3"]);
  expect(await version()).toBe("v1");
});
