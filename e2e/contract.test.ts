import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "./scenario/blog.ts";

const contract = "RequireCategory1770000000002";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("contract", "v2");
});
afterAll(() => blog?.remove());

const isReady = (pod: Awaited<ReturnType<Blog["webPods"]>>[number]) =>
  pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");

test("v3 is deployed, backfilled and contracted under load, and a rollback that comes too late harms nobody", async () => {
  const summary = await blog.load("v2", "v3", async (proof) => {
    await proof.steady(4_000);
    await proof.upgrade(() => blog.deploy("v3"), console.log);
    await proof.contract(console.log);

    expect(
      await blog.query(
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'posts'::regclass AND attname = 'category_id'",
      ),
    ).toEqual([{ attnotnull: true }]);
    expect(await blog.query("SELECT floor, contract, state FROM migrations_floor")).toEqual([
      { floor: "1770000000002", contract, state: "final" },
    ]);

    await blog.rollback(1);
    await expect
      .poll(() => blog.refusals(), { timeout: 60_000, interval: 1_000 })
      .toContainEqual({ version: "v2", exitCode: 6, message: expect.stringContaining(contract) });
    const serving = (await blog.webPods()).filter(isReady);
    expect(serving.map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/version"])).toEqual([
      "v3",
      "v3",
      "v3",
    ]);
  });

  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0, alteredWrites: 0 });
  expect(summary.latency.backfill?.requests).toBeGreaterThan(0);
  expect(summary.latency.contract?.requests).toBeGreaterThan(0);
  expect(await (await fetch(`${blog.url}/api/version`)).json()).toMatchObject({ version: "v3" });
});
