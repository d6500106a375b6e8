import { setTimeout as sleep } from "node:timers/promises";
import { onControlPlane } from "@schema-rollout/scripts/lib/cluster/control-plane.ts";
import { speed } from "@schema-rollout/scripts/lib/load/rates.ts";
import type { Client } from "pg";
import { afterEach, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

/** What happens to a backfill while old and new release serve, from v2 to v3. */
const backfill = "CategorisePosts1770000000001";
/** So many that a backfill, which keeps to a quarter of the time, is at it for a while; a slow machine for no longer. */
const posts = Math.round(60_000 * speed());
const quietly = () => {};

let blog: Blog;
afterEach(() => blog?.remove());

async function install(scenario: string, database: "shared" | "own"): Promise<void> {
  blog = await installBlog(scenario, "v2", { database });
  await blog.query(
    `INSERT INTO posts (title, body) SELECT 'Unfiled ' || n, 'Before categories.' FROM generate_series(1, ${posts}) n`,
  );
}

const rowsDone = async (client: Client): Promise<number> => {
  const { rows } = await client.query("SELECT rows_done FROM migrations_backfill WHERE name = $1", [
    backfill,
  ]);
  return Number(rows[0]?.rows_done ?? 0);
};

/** Resolves once the backfill is well under way, to how far it is. */
const underWay = (): Promise<number> =>
  blog.session(async (client) => {
    for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(100)) {
      const done = await rowsDone(client);
      if (done > 5_000) return done;
    }
    throw new Error("the backfill did not begin");
  });

/** The blog's pods, whether they serve, and how often each was started again. */
const restarts = async () =>
  (await blog.webPods()).map(({ metadata, status }) => ({
    name: metadata?.name ?? "",
    ready: status?.containerStatuses?.[0]?.ready ?? false,
    times: status?.containerStatuses?.[0]?.restartCount ?? 0,
  }));

const contractJob = async () => {
  const jobs = await blog.jobs();
  const job = jobs.find(({ metadata }) => metadata?.labels?.["app.kubernetes.io/component"] === "contract");
  return job?.metadata?.name ?? "";
};
/** In this scenario's pod alone: in another lane a contract of its own may be at work. */
async function killContract(): Promise<void> {
  const pods = ["get", "pods", "-l", `batch.kubernetes.io/job-name=${await contractJob()}`];
  const { stdout: uid } = await blog.kubectl(...pods, "-o", "jsonpath={.items[0].metadata.uid}");
  // The name of the pod's cgroup has dashes or, where systemd makes them, underscores.
  const ofPod = `grep -q '${uid.replaceAll("-", "[-_]")}' /proc/$pid/cgroup`;
  const killed = await onControlPlane(
    blog.cluster,
    `for pid in $(pgrep -f '[p]hase contract'); do ${ofPod} && kill -KILL $pid && echo $pid; done; true`,
  );
  expect(killed.trim()).not.toBe("");
}
const contractLog = async () =>
  (await blog.kubectl("logs", `job/${await contractJob()}`, "--all-pods=true")).stdout;
/** It began where the checkpoint was, and not anew. */
const wentOn = new RegExp(`${backfill}","rowsDone":\\d{4,}.*going on with the backfill`);
const unfiled = () => blog.query("SELECT count(*)::int AS posts FROM posts WHERE category_id IS NULL");
const once = () =>
  blog.query(`SELECT name, count(*)::int AS times FROM migrations
               WHERE "timestamp" >= 1770000000000 GROUP BY name, "timestamp" ORDER BY "timestamp"`);
const allOnce = [
  { name: "AddGeneralCategory1770000000000", times: 1 },
  { name: backfill, times: 1 },
  { name: "RequireCategory1770000000002", times: 1 },
];

test("1: the migrator is killed in the middle of a backfill: the Job goes on where it was, and nobody notices", async () => {
  await install("kill-backfill", "shared");
  const summary = await blog.load("v2", "v3", async (proof) => {
    await proof.steady(3_000);
    const upgraded = proof.upgrade(() => blog.deploy("v3"), quietly);
    const before = await underWay();
    await killContract();
    expect(before).toBeLessThan(posts);
    await upgraded;
    await proof.contract(quietly);
  });
  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0, alteredWrites: 0 });
  expect(await blog.jobAttempts(await contractJob())).toEqual([137, 0]);
  expect(await contractLog()).toMatch(wentOn);
  expect(await unfiled()).toEqual([{ posts: 0 }]);
  expect(await once()).toEqual(allOnce);
});

test("12: PostgreSQL restarts in the middle of a backfill: what was in flight fails, and the backfill goes on", async () => {
  await install("restart-backfill", "own");
  const summary = await blog.load("v2", "v3", async (proof) => {
    await proof.steady(3_000);
    const upgraded = proof.upgrade(() => blog.deploy("v3"), quietly);
    expect(await underWay()).toBeLessThan(posts);
    const serving = (await restarts()).filter(({ ready }) => ready);
    expect(serving.length).toBeGreaterThanOrEqual(3);
    await blog.kubectl("delete", "pod", "postgres-0");
    await blog.kubectl("wait", "pod/postgres-0", "--for=condition=Ready", "--timeout=90s");
    // Whoever served lives on without a database. A pod that was just starting may give up, and is started again.
    const served = new Set(serving.map(({ name }) => name));
    const since = (await restarts()).filter(({ name }) => served.has(name));
    expect(since.length).toBeGreaterThan(0);
    expect(since.filter(({ times }) => times > 0)).toEqual([]);
    await upgraded;
    await proof.contract(quietly);
  });
  // One server, and no other to go to: while it is away nobody is served. What counts is what was acknowledged.
  expect(summary.failed).toBeGreaterThan(0);
  expect(summary.longestStallMs).toBeLessThan(60_000);
  expect(summary).toMatchObject({ lostWrites: 0, duplicatedWrites: 0, alteredWrites: 0 });
  expect((await blog.jobAttempts(await contractJob())).at(-1)).toBe(0);
  expect(await contractLog()).toMatch(wentOn);
  expect(await unfiled()).toEqual([{ posts: 0 }]);
  expect(await once()).toEqual(allOnce);
});
