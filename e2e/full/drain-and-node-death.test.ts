import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api } from "@kubernetes/client-node";
import { kubeConfig, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { speed } from "@schema-rollout/scripts/lib/load/rates.ts";
import { type Answer, readRaw } from "@schema-rollout/scripts/lib/load/raw.ts";
import { fewestReady } from "@schema-rollout/scripts/lib/rollout/availability.ts";
import type { Proof } from "@schema-rollout/scripts/lib/rollout/under-load.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";
import { type ThreeNodes, threeNodes } from "../scenario/three-nodes.ts";

/** Three nodes of their own, beside the shared cluster, take of the machine what would carry the other half of the load. */
const share = 1 / 2;

/** What happens to a node: three of them, the database on one that is left alone. */
let nodes: ThreeNodes;
let blog: Blog;
let databaseNode: string;
beforeAll(async () => {
  nodes = await threeNodes();
  blog = await installBlog("nodes", "v2", { database: "own", stage: nodes.stage });
  databaseNode = await nodeOf("postgres-0");
  // What comes next goes elsewhere: the database cannot move, its volume is on this node.
  await kubectl(blog.cluster, ["cordon", databaseNode]);
});
afterAll(async () => {
  await nodes?.remove();
});

const quietly = () => {};
const soon = { timeout: 120_000, interval: 500 };
const nodeOf = async (pod: string) =>
  (await blog.kubectl("get", "pod", pod, "-o", "jsonpath={.spec.nodeName}")).stdout;

/** The pods of the contract Job, oldest first. */
async function contractPods() {
  const core = kubeConfig(blog.cluster).makeApiClient(CoreV1Api);
  const labelSelector = "app.kubernetes.io/component=contract";
  const { items } = await core.listNamespacedPod({ namespace: blog.namespace, labelSelector });
  return items.sort(
    (a, b) => Number(a.metadata?.creationTimestamp ?? 0) - Number(b.metadata?.creationTimestamp ?? 0),
  );
}

test("30: a node is drained in the middle of a backfill: the Job moves and goes on, and nobody notices", async () => {
  // So many that the backfill is at it for a while; a slow machine for no longer.
  await blog.query(
    `INSERT INTO posts (title, body)
     SELECT 'Unfiled ' || n, 'Before categories.' FROM generate_series(1, ${Math.round(60_000 * speed())}) n`,
  );
  let drained = "";
  const moves = async (proof: Proof) => {
    await proof.steady(3_000);
    // Not after the rollout: on a quick machine the backfill would be done by then.
    const upgraded = proof.upgrade(() => blog.deploy("v3"), quietly);
    await expect
      .poll(async () => {
        const [row] = await blog.query("SELECT rows_done::int AS done FROM migrations_backfill");
        return Number(row?.done ?? 0);
      }, soon)
      .toBeGreaterThan(3_000);
    drained = (await contractPods())[0]?.spec?.nodeName ?? "";
    expect(drained).not.toBe(databaseNode);
    await kubectl(blog.cluster, [
      "drain",
      drained,
      "--ignore-daemonsets",
      "--delete-emptydir-data",
      "--timeout=120s",
    ]);
    await upgraded;
    await proof.contract(quietly);
    await blog.settled();
    // As many as the disruption budget leaves, at the least.
    expect(fewestReady([...proof.timeline.pods.values()], 3)).toBeGreaterThanOrEqual(2);
  };
  const summary = await blog.load("v2", "v3", moves, { share });
  const served = (await blog.webPods()).map(({ spec }) => spec?.nodeName);
  await kubectl(blog.cluster, ["uncordon", drained]);
  expect(served).not.toContain(drained);
  expect(summary.reasons).toEqual([]);
  expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0, alteredWrites: 0 });

  // The pod that was evicted is gone; the one in its place went on where the checkpoint was.
  const [pod, ...others] = await contractPods();
  expect(others).toEqual([]);
  expect(pod?.spec?.nodeName).not.toBe(drained);
  expect(pod?.status?.phase).toBe("Succeeded");
  const { stdout } = await blog.kubectl("logs", pod?.metadata?.name ?? "");
  expect(stdout).toMatch(/"rowsDone":\d{4,}.*going on with the backfill/);
  expect(await blog.query("SELECT count(*)::int AS posts FROM posts WHERE category_id IS NULL")).toEqual([
    { posts: 0 },
  ]);
});

test("30b: a node dies: bounded until the cluster notices, nothing acknowledged is lost, and it recovers alone", async () => {
  // How long a pod stays bound to a node that is gone: five minutes by default, which nobody here waits for.
  const leaveAfter = (key: string) => ({
    key: `node.kubernetes.io/${key}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 10,
  });
  const tolerations = JSON.stringify([leaveAfter("not-ready"), leaveAfter("unreachable")]);
  await blog.deploy("v3", "--set-json", `tolerations=${tolerations}`);
  await blog.settled();
  const [victim] = (await blog.webPods())
    .map(({ spec }) => spec?.nodeName ?? "")
    // The way from outside leads through the control plane, and the database stays.
    .filter((node) => node !== databaseNode && !node.endsWith("control-plane"));
  expect(victim).toBeTruthy();

  const window = { diedAt: 0, noticedAt: 0 };
  let answers: Answer[] = [];
  const moves = async (proof: Proof) => {
    await proof.steady(3_000);
    window.diedAt = Date.now();
    await nodes.kill(victim ?? "");
    const unknown = ["--for=condition=Ready=Unknown", "--timeout=120s"];
    await kubectl(blog.cluster, ["wait", `node/${victim}`, ...unknown]);
    window.noticedAt = Date.now();
    await expect.poll(async () => (await readyElsewhere(victim ?? "")).length, soon).toBe(3);
    // Enough to judge what is left ten seconds after it was noticed.
    await sleep(Math.max(8_000, window.noticedAt + 20_000 - Date.now()));
    ({ answers } = await readRaw(proof.rawFiles));
  };
  const summary = await blog.load("v3", "v3", moves, { share });
  const kept = answers.filter(({ c }) => c === "reused");
  const settledAt = window.noticedAt + 10_000;
  const shares = {
    unnoticed: shareFailed(kept.filter(({ t }) => t > window.diedAt && t < window.noticedAt)),
    settled: shareFailed(kept.filter(({ t }) => t > settledAt)),
  };
  const noticed = (window.noticedAt - window.diedAt) / 1_000;
  console.log(
    `The node was found missing after ${noticed.toFixed(1)} s; ${summary.failed} of ${summary.requests} failed, of those on connections that are kept ${percent(shares.unnoticed)} until then and ${percent(shares.settled)} later than ten seconds after it`,
  );
  expect(summary.failed).toBeGreaterThan(0);
  expect(noticed).toBeLessThan(90);
  // Not none at all: whoever first uses a connection to a dead pod that late finds it dead that late, once.
  expect(shares.settled).toBeLessThan(0.01);
  expect(shares.unnoticed).toBeGreaterThan(0.01);
  // The load's new connections all come from one address, whose ports meet again what the kernel remembers, for two minutes,
  // of connections to the dead pods. A client with ports of its own finds none: 200 requests, a connection each.
  const [pod] = await readyElsewhere(victim ?? "");
  const { stdout } = await blog.kubectl(
    "exec",
    pod ?? "",
    "-c",
    "blog",
    "--",
    "/nodejs/bin/node",
    "-e",
    askAll,
  );
  expect(stdout.trim()).toBe("200 of 200");
  expect(summary).toMatchObject({ lostWrites: 0, duplicatedWrites: 0, alteredWrites: 0 });
});

const shareFailed = (answers: Answer[]) => answers.filter(({ ok }) => !ok).length / answers.length;
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

const readyElsewhere = async (victim: string) =>
  (await blog.webPods())
    .filter(
      ({ spec, status }) =>
        spec?.nodeName !== victim &&
        status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    )
    .map(({ metadata }) => metadata?.name ?? "");

const askAll = `
  const { get } = require("node:http");
  const ask = () => new Promise((done) => {
    get("http://blog/api/posts?limit=1", { agent: false, timeout: 3000 }, (answer) => {
      answer.resume().on("end", () => done(answer.statusCode === 200));
    }).on("error", () => done(false)).on("timeout", function () { this.destroy(); });
  });
  (async () => {
    let answered = 0;
    for (let n = 0; n < 200; n++) answered += await ask();
    console.log(answered + " of 200");
  })();`;
