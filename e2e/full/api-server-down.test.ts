import { setTimeout as sleep } from "node:timers/promises";
import { onControlPlane } from "@schema-rollout/scripts/lib/cluster/control-plane.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("api-down", "v2");
});
afterAll(async () => {
  // Where the test ended in the silence, nothing could be removed.
  if (blog) await onControlPlane(blog.cluster, "pkill -CONT -x kube-apiserver || true");
  await blog?.remove();
});

test("24: the API server is silent for 30 s and then dies while the gate waits: nobody notices, nothing is missed", async () => {
  const summary = await blog.load("v2", "slow", async (proof) => {
    await proof.steady(3_000);
    await proof.upgrade(
      async () => {
        await blog.deploy("slow");
        await expect
          .poll(async () => (await blog.jobs()).some(({ status }) => status?.ready === 1), {
            timeout: 60_000,
          })
          .toBe(true);
        // Longer than the migration takes: its end falls into the silence.
        await onControlPlane(blog.cluster, "pkill -STOP -x kube-apiserver");
        await sleep(30_000);
        await onControlPlane(blog.cluster, "pkill -KILL -x kube-apiserver");
        await expect
          .poll(() => blog.kubectl("get", "--raw", "/readyz").then(({ stdout }) => stdout, String), {
            timeout: 120_000,
            interval: 1_000,
          })
          .toBe("ok");
      },
      () => {},
    );
  });
  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0 });
  for (const pod of await blog.webPods()) {
    const gate = pod.status?.initContainerStatuses?.find(({ name }) => name === "wait-for-migration");
    // It held out through all of it: no restart was needed.
    expect(gate).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 0 } } });
  }
});
