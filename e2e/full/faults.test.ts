import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

/** What happens to a service on the way, under load: its sessions end, a pod dies, a release is no good, a lock is held. */
let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("faults", "v1");
});
afterAll(() => blog?.remove());

const soon = { timeout: 90_000, interval: 500 };
const versions = async () =>
  (await blog.webPods()).map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/version"]);
const restarts = async () =>
  (await blog.webPods()).flatMap(({ status }) =>
    (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount),
  );

test("11: every session of the blog is ended at once: what was in flight fails, and nothing else", async () => {
  const summary = await blog.load("v1", "v1", async (proof) => {
    await proof.steady(3_000);
    const ended = await blog.adminSession((client) =>
      client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'blog_app'"),
    );
    expect(ended.rowCount).toBeGreaterThanOrEqual(6);
    await sleep(5_000);
  });
  // 225 requests arrive in a second, and one takes milliseconds.
  expect(summary.failed).toBeLessThan(50);
  expect(summary).toMatchObject({
    lostWrites: 0,
    duplicatedWrites: 0,
    alteredWrites: 0,
    droppedIterations: 0,
  });
  expect(await restarts()).toEqual([0, 0, 0]);
});

test("29: a pod is killed by force: what it was answering fails, and nothing acknowledged is lost", async () => {
  const summary = await blog.load("v1", "v1", async (proof) => {
    await proof.steady(3_000);
    const [pod] = await blog.webPods();
    await blog.kubectl("delete", "pod", pod?.metadata?.name ?? "", "--force", "--grace-period=0");
    await sleep(8_000);
  });
  expect(summary.failed).toBeLessThan(100);
  expect(summary).toMatchObject({ lostWrites: 0, duplicatedWrites: 0, alteredWrites: 0 });
  await blog.settled();
});

test("28: the new pods never become ready: the old ones serve, and a rollback ends it", async () => {
  const summary = await blog.load("v1", "v1", async (proof) => {
    await proof.steady(3_000);
    // Too little for Node to start.
    await blog.deploy(
      "v2",
      "--set",
      "resources.limits.memory=12Mi",
      "--set",
      "resources.requests.memory=12Mi",
    );
    await expect.poll(async () => (await versions()).includes("v2"), soon).toBe(true);
    await sleep(10_000);
    await blog.rollback(1);
    await blog.settled();
  });
  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0 });
  expect(await versions()).toEqual(["v1", "v1", "v1"]);
});

test("10: somebody holds a lock longer than the migrator's patience: the Job fails, nobody stalls, the old release serves", async () => {
  // v2's migrations are there since the test before, so what is left is the one that wants all of posts for itself.
  const summary = await blog.load("v1", "broken-rename", async (proof) => {
    await proof.steady(3_000);
    await blog.session(async (client) => {
      await client.query("BEGIN");
      await client.query("LOCK TABLE posts IN ACCESS SHARE MODE");
      await proof.upgrade(
        () =>
          blog.deploy(
            "broken-rename",
            "--set",
            "migration.extraArgs={--lock-budget,3s}",
            "--set",
            "migration.backoffLimit=0",
          ),
        () => {},
      );
      await client.query("ROLLBACK");
    });
  });
  expect(summary.reasons).toEqual([expect.stringMatching(/^The migration failed: .*lock/)]);
  expect(summary).toMatchObject({ failed: 0, lostWrites: 0, droppedIterations: 0 });
  expect(summary.longestStallMs).toBeLessThan(1_000);
  expect(Object.keys(summary.servedBy)).toEqual(["v1"]);
});
