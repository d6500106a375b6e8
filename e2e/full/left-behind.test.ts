import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

/** Fault 34: an old process lives on while the contract wants to be applied: a pod that no Deployment knows any more. */
let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("left-behind", "v2");
});
afterAll(() => blog?.remove());

const presence = "blog@1760000000002";
const soon = { timeout: 60_000, interval: 500 };
const required = async () => {
  const [column] = await blog.query(
    "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'posts'::regclass AND attname = 'category_id'",
  );
  return column?.attnotnull;
};

/** As somebody makes who takes a pod out of its Service to look into it: the same, without the labels. */
function besides({ spec }: V1Pod): object {
  const [container] = spec?.containers ?? [];
  const { securityContext } = spec ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "left-behind", namespace: blog.namespace },
    spec: {
      securityContext,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      containers: [{ ...container, lifecycle: undefined, volumeMounts: undefined }],
    },
  };
}

const exitOf = async () => {
  const path = "jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}";
  return (await blog.kubectl("get", "pod/left-behind", "-o", path)).stdout;
};

test("34: the contract waits for it and says who it is; once its session is cut, one of the two gives way", async () => {
  const [pod] = await blog.webPods();
  await blog.apply(besides(pod as V1Pod));
  await blog.kubectl("wait", "pod/left-behind", "--for=condition=Ready", "--timeout=60s");
  const address = (await blog.kubectl("get", "pod/left-behind", "-o", "jsonpath={.status.podIP}")).stdout;

  const summary = await blog.load("v2", "v3", async (proof) => {
    await proof.steady(3_000);
    await proof.upgrade(
      () => blog.deploy("v3"),
      () => {},
    );
    const lastWord = async () =>
      (await blog.kubectl("logs", "-l", "app.kubernetes.io/component=contract", "--tail=1")).stdout;
    // The pods of the Deployment have drained: it alone is left.
    const itAlone = new RegExp(`is closed by ${presence} \\(user blog_app, from ${address}, [^)]*\\)"`);
    await expect.poll(lastWord, soon).toMatch(itAlone);
    await sleep(5_000);
    expect(await required()).toBe(false);
    expect(await blog.query("SELECT * FROM migrations_floor")).toEqual([]);

    // Cut, it is back at once, or the contract was faster: then it finds the floor above it, and ends.
    for (let cut = 0; cut < 20 && !(await required()); cut++) {
      await blog.adminSession((client) =>
        client.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND client_addr = $2",
          [presence, address],
        ),
      );
      await sleep(500);
    }
    // Whoever was slower: never are both there.
    if (await required()) await expect.poll(exitOf, soon).toBe("24");
    else await expect.poll(lastWord, soon).toMatch(itAlone);
    await blog.kubectl("delete", "pod", "left-behind");
    await proof.contract(() => {});
  });
  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0 });
  expect(await required()).toBe(true);
});
