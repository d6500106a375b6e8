import { expect, test } from "vitest";
import { inGroups } from "../../lab/measure/left.ts";
import { compared } from "../../lab/measure/objects.ts";
import { loadFigures } from "../../lab/measure/requests.ts";
import { secretsOf } from "../../lab/measure/rights.ts";
import { following, inOrder } from "../../lab/order.ts";
import { chosen } from "../../lab/selection.ts";
import { merged } from "../../lab/stand/values.ts";
import { strategies } from "../../lab/strategies.ts";
import { atRest, beUndisturbed, deployedSeconds } from "../../lab/trials/course.ts";
import { trials } from "../../lab/trials.ts";
import type { Answer } from "../../lib/load/raw.ts";
import { emptyTimeline, type PodLife } from "../../lib/rollout/timeline.ts";

const start = Date.UTC(2026, 0, 1);
const answer = (ms: number, ok: boolean, d = 5): Answer => ({
  t: start + ms,
  d,
  s: ok ? 200 : 503,
  v: ok ? "v1" : "",
  k: "list",
  c: "new",
  ok,
});

test("downtime is the longest time without a good answer, failures are counted by the second", () => {
  const answers = [
    ...[0, 400, 800, 1_200].map((ms) => answer(ms, true)),
    ...[1_600, 2_000, 2_400, 3_000].map((ms) => answer(ms, false)),
    ...[3_400, 3_800].map((ms) => answer(ms, true, 40)),
  ];
  const figures = loadFigures(answers, start + 1_500, 0);
  expect(figures).toMatchObject({
    requests: 10,
    failed: 4,
    secondsWithFailures: 3,
    longestGapSeconds: 2.2,
    p99Steady: 5,
    p99: 40,
    orderedAt: 1,
    perSecond: { ok: [3, 1, 0, 2], failed: [0, 1, 2, 1] },
  });
  expect(figures.causes).toEqual([{ what: "list → 503 from an unknown release", count: 4 }]);
});

test("what failed before the order was given is no figure of a strategy's", () => {
  const order = start + 10_000;
  const justSent = answer(9_800, false, 2_000);
  expect(() => beUndisturbed([answer(0, true), justSent, answer(11_000, false)], order)).not.toThrow();
  // It ended after the order, and waited long before it.
  expect(() => beUndisturbed([answer(0, true), answer(6_000, false, 5_000)], order)).toThrow(
    "1 requests failed that were sent before the order was given",
  );
});

test("ONLY picks strategies, trials, or both; a strategy takes its other form along", () => {
  expect(chosen("")).toHaveLength(strategies.length * trials.length);
  const names = (only: string) => chosen(only).map(({ strategy, trial }) => `${strategy}.${trial.name}`);
  expect(names("startup, normal")).toEqual(["startup.normal", "startup-lockless.normal"]);
  expect(names("startup-lockless,rollback,killed")).toEqual([
    "startup-lockless.killed",
    "startup-lockless.rollback",
  ]);
  expect(chosen("job-and-gate,job-hook")).toHaveLength(16);
  expect(() => chosen("job-and-gates")).toThrow(/no strategy or trial "job-and-gates"/);
});

test("a trial that goes on where another leaves off comes right after it, and alone where that one is not asked for", () => {
  const order = (only: string) => inOrder(chosen(only)).map(({ trial }) => trial.name);
  expect(order("job-hook")).toEqual([
    "normal",
    "rollback",
    "failing",
    "killed",
    "too-long",
    "replicas",
    "scale-up",
    "credentials",
  ]);
  expect(order("job-hook,rollback,too-long")).toEqual(["too-long", "rollback"]);
  const [normal, ...others] = chosen("job-hook,normal,rollback,killed");
  expect(normal && following(normal, others).map(({ trial }) => trial.name)).toEqual(["rollback"]);
  // Another strategy's is another place.
  expect(normal && following(normal, chosen("external-job"))).toEqual([]);
});

test("deployed is when the last of enough new pods was ready, and never where there are too few", () => {
  const timeline = emptyTimeline();
  const pod = (name: string, version: string, readyAt?: number): PodLife => ({
    name,
    revision: version,
    version,
    createdAt: start,
    ready: readyAt !== undefined,
    ...(readyAt !== undefined && { readyAt }),
    states: [],
  });
  for (const life of [pod("old", "v2", start), pod("a", "v2", start + 3_000), pod("b", "v2", start + 9_000)])
    timeline.pods.set(life.name, life);
  const asked = { before: new Set(["old"]), to: "v2", orderedAt: start + 1_000 };
  expect(deployedSeconds(timeline, { ...asked, pods: 3 })).toBe(8);
  expect(deployedSeconds(timeline, { ...asked, pods: 4 })).toBeNull();
  expect(deployedSeconds(timeline, { ...asked, to: "v3", pods: 1 })).toBeNull();
});

test("a failed deploy is watched as long as a Job runs or a pod is on its way", () => {
  const timeline = emptyTimeline();
  const pod = { name: "a", revision: "1", version: "v2", createdAt: start, ready: true, states: [] };
  const job = { name: "migrate", component: "migration", createdAt: start };
  timeline.pods.set("a", pod);
  expect(atRest(timeline)).toBe(true);
  timeline.jobs.set("migrate", job);
  expect(atRest(timeline)).toBe(false);
  timeline.jobs.set("migrate", { ...job, endedAt: start + 1_000 });
  expect(atRest(timeline)).toBe(true);
  timeline.pods.set("b", { ...pod, name: "b", ready: false });
  expect(atRest(timeline)).toBe(false);
});

test("a pod's Secrets are those of its init containers, too", () => {
  const from = (name: string) => ({
    name: "DATABASE_URL",
    valueFrom: { secretKeyRef: { name, key: "url" } },
  });
  const spec = {
    initContainers: [{ name: "migrator", env: [from("owner")] }],
    containers: [
      { name: "blog", env: [from("app"), from("owner")], envFrom: [{ secretRef: { name: "more" } }] },
    ],
    volumes: [{ name: "files", secret: { secretName: "mounted" } }],
  };
  expect(secretsOf({ spec }).sort()).toEqual(["app", "more", "mounted", "owner"]);
});

test("objects and rights of a strategy are those the bare blog has not", () => {
  const object = (kind: string, name: string, rest = "") =>
    `---\nkind: ${kind}\nmetadata: { name: ${name} }\n${rest}`;
  const bare = object("Service", "blog");
  const role = object("Role", "gate", "rules: [{ verbs: [get], resources: [jobs], resourceNames: [one] }]\n");
  const test = object("Pod", "smoke").replace("smoke", 'smoke, annotations: { helm.sh/hook: "test" }');
  const objects = compared(bare + object("Job", "blog-migrate-0123456789") + role + test, bare, [
    "create pods",
  ]);
  expect(objects).toEqual({
    counts: { Service: 1, Job: 1, Role: 1 },
    added: ["Job blog-migrate-‹hash›", "Role gate"],
    granted: ["get jobs (one by name)"],
    pipeline: ["create pods"],
  });
});

test("pods that are alike are counted, values are laid over one another", () => {
  expect(inGroups(["v2 ready", "v1 ready", "v2 ready"])).toEqual(["1 v1 ready", "2 v2 ready"]);
  expect(merged({ blog: { a: 1, b: { c: 2 } } }, { blog: { b: { d: 3 }, a: 4 } })).toEqual({
    blog: { a: 4, b: { c: 2, d: 3 } },
  });
});
