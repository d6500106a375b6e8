import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "./scenario/blog.ts";

let blog: Blog;
let job: V1Job | undefined;
beforeAll(async () => {
  blog = await installBlog("no-migration", "v2");
  [job] = await blog.jobs();
});
afterAll(() => blog?.remove());

const uids = (objects: (V1Job | V1Pod)[]) => objects.map(({ metadata }) => metadata?.uid).sort();

test("the chart's own test passes inside the cluster", async () => {
  expect((await blog.helmTest()).stdout).toMatch(/Phase:\s+Succeeded/);
});

test("an upgrade that changes nothing runs no Job and replaces no pod", async () => {
  const pods = uids(await blog.webPods());
  await blog.deploy("v2");
  await blog.settled();

  expect(uids(await blog.webPods())).toEqual(pods);
  expect(uids(await blog.jobs())).toEqual([job?.metadata?.uid]);
});

test("an upgrade of the app alone replaces the pods, keeps the finished Job, and nothing waits", async () => {
  const before = uids(await blog.webPods());
  await blog.deploy("v2", "--set", "release.version=v2-hotfix", "--set", "logLevel=warn");
  await blog.settled();

  const pods = await blog.webPods();
  expect(uids(pods).filter((uid) => before.includes(uid))).toEqual([]);
  expect(uids(await blog.jobs())).toEqual([job?.metadata?.uid]);
  for (const pod of pods) {
    const gate = pod.status?.initContainerStatuses?.find(({ name }) => name === "wait-for-migration");
    const ended = gate?.state?.terminated;
    expect(ended).toMatchObject({ exitCode: 0, message: expect.stringMatching(/^Open: /) });
    expect(gate?.restartCount).toBe(0);
    // It found the schema at its first look: a gate that waits for a Job says so in a line of its own first.
    expect(await blog.gateLog(pod)).not.toMatch(/is not (finished|recorded)/);
  }
});
