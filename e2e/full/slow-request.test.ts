import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";
import { slowWrites } from "../scenario/slow-writes.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("slow-request", "v1");
});
afterAll(() => blog?.remove());

/** Longer than preStop (5 s) and drain (5 s), and shorter than all that a pod is given (25 s). */
const slow = { lasting: 14, perSecond: 3 };

test("32: requests slower than preStop and drain come to their end while every pod is replaced", async () => {
  let writes: Awaited<ReturnType<typeof slowWrites>> = [];
  const summary = await blog.load("v1", "v2", async (proof) => {
    await proof.steady(3_000);
    const rollout = sleep(slow.lasting * 1_000).then(() =>
      proof.upgrade(
        () => blog.deploy("v2"),
        () => {},
      ),
    );
    writes = await slowWrites(blog.url, { ...slow, until: rollout });
  });
  expect(summary.reasons).toEqual([]);
  expect(writes.length).toBeGreaterThan(60);
  expect(writes.filter(({ status }) => status !== 201)).toEqual([]);
  expect(Math.min(...writes.map(({ seconds }) => seconds))).toBeGreaterThanOrEqual(slow.lasting);
  // Some of them to pods that were already told to end.
  expect(new Set(writes.map(({ version }) => version))).toEqual(new Set(["v1", "v2"]));
});

test("and they are cut where the pods are given less time than they take: this check can fail", async () => {
  await blog.deploy(
    "v2",
    "--set",
    "rollout.shutdownSeconds=1,rollout.drainSeconds=1,rollout.preStopSeconds=1",
  );
  await blog.settled();
  const restart = sleep(slow.lasting * 1_000).then(async () => {
    await blog.kubectl("rollout", "restart", "deployment/blog");
    await blog.settled();
  });
  const writes = await slowWrites(blog.url, { ...slow, until: restart });
  expect(writes.filter(({ status }) => status === 0).length).toBeGreaterThan(0);
});
