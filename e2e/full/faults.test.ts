import { setTimeout as sleep } from "node:timers/promises";
import { readRaw } from "@schema-rollout/scripts/lib/load/raw.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

/** What happens to a service on the way, under load: its sessions end, a pod dies, a release is no good, a lock is held. */
let blog: Blog;
beforeAll(async () => {
  // v2's schema from the start: none of these is about its migrations.
  blog = await installBlog("faults", "v1", { schema: "v2" });
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
  let rawFiles: string[] = [];
  let endedAt = 0;
  // On the same server are those of the blog in another lane.
  const [database] = await blog.query("SELECT current_database() AS name");
  const summary = await blog.load("v1", "v1", async (proof) => {
    rawFiles = proof.rawFiles;
    await proof.steady(3_000);
    endedAt = Date.now();
    const ended = await blog.adminSession((client) =>
      client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'blog_app' AND datname = $1",
        [database?.name],
      ),
    );
    expect(ended.rowCount).toBeGreaterThanOrEqual(6);
    await sleep(5_000);
  });
  const { answers } = await readRaw(rawFiles);
  const failed = answers
    .filter(({ ok }) => !ok)
    .map(({ t, d }) => ({ sent: t - endedAt, over: t + d - endedAt }));
  expect(failed).toHaveLength(summary.failed);
  // A second for the session that ends the others to begin, and for them to be told.
  expect(failed.filter(({ sent, over }) => over < 0 || sent > 1_000)).toEqual([]);
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

/** How v2's pod fares: its gate's exit code, and whether its application ever came up or ended badly. */
async function doomed() {
  const pod = (await blog.webPods()).find(
    ({ metadata }) => metadata?.labels?.["app.kubernetes.io/version"] === "v2",
  );
  const [gate] = pod?.status?.initContainerStatuses ?? [];
  const [application] = pod?.status?.containerStatuses ?? [];
  const ended = application?.state?.terminated ?? application?.lastState?.terminated;
  return {
    gate: gate?.state?.terminated?.exitCode,
    started: application?.started,
    failed: ended !== undefined && ended.exitCode !== 0,
  };
}

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
    // The gate lets it in, and its own process ends before it serves.
    await expect.poll(doomed, soon).toEqual({ gate: 0, started: false, failed: true });
    await sleep(5_000);
    await blog.rollback(1);
    await blog.settled();
  });
  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0 });
  expect(Object.keys(summary.servedBy)).toEqual(["v1"]);
  expect(await versions()).toEqual(["v1", "v1", "v1"]);
});

test("10: somebody holds a lock longer than the migrator's patience: the Job fails, nobody stalls, the old release serves", async () => {
  // v2's migrations are there, so what is left is the one that wants all of posts for itself.
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
