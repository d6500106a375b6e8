import type { V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "./scenario/blog.ts";

/** The gate in the blog's pods, where the database decides. One story, from v1 to a database that is lost. */
let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("gate-in-blog", "v1");
});
afterAll(() => blog?.remove());

/** What v2 is deployed with, here. */
const patience = ["--set", "migration.extraArgs={--lock-budget,3s}"];
const soon = { timeout: 90_000, interval: 500 };
const nameOf = (pod: V1Pod | undefined) => pod?.metadata?.name ?? "";
const versionOf = (pod: V1Pod) => pod.metadata?.labels?.["app.kubernetes.io/version"] ?? "";
const isReady = (pod: V1Pod) =>
  pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
const gateOf = (pod: V1Pod) =>
  pod.status?.initContainerStatuses?.find(({ name }) => name === "wait-for-migration")?.state;
const migration = async () => {
  const jobs = await blog.jobs();
  return jobs.find(({ metadata }) => metadata?.labels?.["app.kubernetes.io/component"] === "migration");
};

/** The pod that comes in the place of one that is evicted, once it is ready. */
async function replacementOf(version: string): Promise<V1Pod> {
  const pods = (await blog.webPods()).filter((pod) => versionOf(pod) === version);
  const before = new Set(pods.map(nameOf));
  if (pods[0]) await blog.evict(pods[0]);
  const replacement = async () =>
    (await blog.webPods()).find((pod) => !before.has(nameOf(pod)) && versionOf(pod) === version);
  await expect.poll(async () => (await replacement())?.status?.phase, soon).toBe("Running");
  return (await replacement()) as V1Pod;
}

test("the gate's token reads its one Job and nothing else, and the application has no token", async () => {
  const job = (await migration())?.metadata?.name ?? "";
  const as = `--as=system:serviceaccount:${blog.namespace}:blog`;
  const can = (...question: string[]) =>
    blog.kubectl("auth", "can-i", ...question, as).then(
      ({ stdout }) => stdout.trim(),
      // "no" is exit code 1.
      ({ stdout }) => stdout.trim(),
    );
  expect(await can("watch", `jobs.batch/${job}`)).toBe("yes");
  const tooMuch = [
    ["get", "jobs.batch/another"],
    ["list", "jobs.batch"],
    ["delete", `jobs.batch/${job}`],
  ];
  for (const question of [...tooMuch, ["get", "secrets"], ["list", "pods"], ["get", "pods/log"]]) {
    expect(await can(...question), question.join(" ")).toBe("no");
  }
  const look = "console.log(require('fs').existsSync('/var/run/secrets/kubernetes.io'))";
  const app = ["exec", nameOf((await blog.webPods())[0]), "-c", "blog", "--", "/nodejs/bin/node", "-e", look];
  expect((await blog.kubectl(...app)).stdout.trim()).toBe("false");
});

test("19: the Job is deleted, then a pod is rescheduled: it starts, because the schema is there", async () => {
  await blog.deleteJob((await migration())?.metadata?.name ?? "");
  const pod = await replacementOf("v1");
  expect(gateOf(pod)?.terminated).toMatchObject({
    exitCode: 0,
    message: expect.stringMatching(/^Open: CreatePosts\d+ is recorded/),
  });
  expect(await blog.jobs()).toEqual([]);
  await blog.settled();
});

test("21: the first migrator gives up on a lock, its retry succeeds, and the gates have waited for it", async () => {
  await blog.session(async (client) => {
    await client.query("BEGIN");
    await client.query("LOCK TABLE posts IN ACCESS SHARE MODE");
    await blog.deploy("v2", ...patience);
    const job = (await migration())?.metadata?.name ?? "";
    await expect.poll(async () => (await blog.jobAttempts(job))[0], soon).toBe(11);
    // It failed, and is no reason to open or to stop.
    const waiting = (await blog.webPods()).filter((pod) => versionOf(pod) === "v2");
    expect(waiting.map((pod) => Object.keys(gateOf(pod) ?? {}))).toEqual([["running"]]);
    await client.query("ROLLBACK");
  });
  await blog.settled();
  const job = await migration();
  expect(job?.status).toMatchObject({ succeeded: 1, failed: expect.any(Number) });
  expect((await blog.jobAttempts(job?.metadata?.name ?? "")).at(-1)).toBe(0);
  const pods = await blog.webPods();
  expect(pods.map(versionOf)).toEqual(["v2", "v2", "v2"]);
  for (const pod of pods) expect(gateOf(pod)?.terminated?.exitCode).toBe(0);
});

test("26: the Job of an earlier life is Complete and the database is empty: no pod is let in", async () => {
  await blog.query(`DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() LOOP
      EXECUTE 'DROP TABLE ' || name || ' CASCADE';
    END LOOP; END $$`);
  const [pod] = await blog.webPods();
  if (pod) await blog.evict(pod);
  await expect
    .poll(() => blog.refusals(), soon)
    .toContainEqual({
      version: "v2",
      exitCode: 5,
      message: expect.stringMatching(/is Complete, but the database disagrees/),
    });
  // What the message says to do next does it: the Job deleted, and the same release deployed again.
  await blog.deleteJob((await migration())?.metadata?.name ?? "");
  await blog.deploy("v2", ...patience);
  await blog.settled();
  expect((await fetch(`${blog.url}/api/posts`)).status).toBe(200);
});

test("36: an old pod is evicted while the new Job runs: its successor starts, the new pods still wait", async () => {
  await blog.deploy("slow");
  const job = (await migration())?.metadata?.name ?? "";
  await expect.poll(async () => (await migration())?.status?.ready, soon).toBe(1);
  const successor = await replacementOf("v2");
  expect(gateOf(successor)?.terminated).toMatchObject({
    exitCode: 0,
    message: expect.stringMatching(/^Open: /),
  });
  const running = await migration();
  expect(running?.metadata?.name).toBe(job);
  expect(running?.status?.conditions?.some(({ type }) => type === "Complete") ?? false).toBe(false);
  expect((await blog.webPods()).filter((pod) => versionOf(pod) === "slow").map(isReady)).toEqual([false]);
  await blog.settled();
  expect((await blog.webPods()).map(versionOf)).toEqual(["slow", "slow", "slow"]);
});
