import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { fewestReady } from "../lib/rollout/availability.ts";
import { lastGoneAt, lastReadyAt, newPodsReady, oldPodsGone, oldPodsOf } from "../lib/rollout/steps.ts";
import { emptyTimeline, seeJob, seePod, seePodGone } from "../lib/rollout/timeline.ts";
import { unfinishedPhases } from "../lib/rollout/unfinished.ts";

const pod = (name: string, state: { ready?: boolean; deleted?: boolean } = {}): V1Pod => ({
  metadata: {
    name,
    labels: { "pod-template-hash": "h", "app.kubernetes.io/version": "v1" },
    ...(state.deleted ? { deletionTimestamp: new Date(0) } : {}),
  },
  status: { conditions: [{ type: "Ready", status: state.ready ? "True" : "False" }] },
});

describe("a rollout", () => {
  test("is over when all new pods are ready, and really over when no old pod drains any more", () => {
    const timeline = emptyTimeline();
    seePod(timeline, pod("old"), 1);
    const old = oldPodsOf(timeline);
    seePod(timeline, pod("new"), 2);
    expect(newPodsReady(timeline, old, 1)).toBe(false);
    seePod(timeline, pod("new", { ready: true }), 3);
    expect(newPodsReady(timeline, old, 1)).toBe(true);
    expect(newPodsReady(timeline, old, 2)).toBe(false);
    seePod(timeline, pod("old", { deleted: true, ready: true }), 4);
    expect(oldPodsGone(timeline, old)).toBe(false);
    seePodGone(timeline, pod("old"), 9);
    expect(oldPodsGone(timeline, old)).toBe(true);
    expect(lastReadyAt(timeline, old)).toBe(3);
    expect(lastGoneAt(timeline, old)).toBe(9);
  });

  test("does not count a new pod that is already ending", () => {
    const timeline = emptyTimeline();
    seePod(timeline, pod("new", { ready: true, deleted: true }), 1);
    expect(newPodsReady(timeline, new Set(), 1)).toBe(false);
  });
});

describe("the fewest pods that were ready", () => {
  const ready = { ready: true };
  const leaving = { ready: true, deleted: true };
  const played = (...seen: [name: string, state: Parameters<typeof pod>[1]][]) => {
    const timeline = emptyTimeline();
    for (const [at, [name, state]] of seen.entries()) seePod(timeline, pod(name, state), at);
    return fewestReady([...timeline.pods.values()], 2);
  };

  test("are counted from when there were as many as wanted", () => {
    expect(played(["a", ready], ["b", ready], ["c", ready], ["a", leaving])).toBe(2);
    expect(played(["a", ready], ["b", ready], ["a", leaving], ["c", ready])).toBe(1);
    expect(played(["a", ready], ["b", {}])).toBe(0);
  });

  test("leave out one that becomes ready when it has been told to end", () => {
    const doomed = { deleted: true };
    expect(played(["a", ready], ["b", ready], ["c", {}], ["c", doomed], ["c", leaving])).toBe(2);
  });
});

test("the states a pod goes through are kept, each with when it was first seen", () => {
  const timeline = emptyTimeline();
  const at = (time: number, status: V1Pod["status"], more: { node?: string; deleted?: boolean } = {}) =>
    seePod(
      timeline,
      {
        metadata: { name: "p", ...(more.deleted && { deletionTimestamp: new Date(0) }) },
        spec: { containers: [], ...(more.node && { nodeName: more.node }) },
        ...(status && { status }),
      },
      time,
    );
  const gate = (state: object) => ({ initContainerStatuses: [{ name: "gate", state }] as never });
  const holding = (...types: string[]) => ({ conditions: types.map((type) => ({ type, status: "True" })) });
  at(1, {});
  at(2, gate({ waiting: { reason: "PodInitializing" } }), { node: "n" });
  at(3, gate({ running: {} }), { node: "n" });
  at(4, gate({ running: {} }), { node: "n" });
  at(5, holding("Initialized"), { node: "n" });
  at(6, holding("Initialized", "Ready"), { node: "n" });
  at(7, holding("Initialized"), { node: "n" });
  at(8, holding("Initialized", "Ready"), { node: "n", deleted: true });
  seePodGone(timeline, { metadata: { name: "p" } }, 9);
  expect(timeline.pods.get("p")?.node).toBe("n");
  expect(timeline.pods.get("p")?.states.map(({ state, at }) => `${state} ${at}`)).toEqual([
    "pending 1",
    "gate 3",
    "starting 5",
    "ready 6",
    "unready 7",
    "draining 8",
    "gone 9",
  ]);
});

describe("an upgrade that was given up", () => {
  const labels = { "app.kubernetes.io/component": "migration" };
  const ended = (type: string) => ({ conditions: [{ type, status: "True" }] });
  const old = { metadata: { name: "old", labels }, status: ended("Complete") };
  const named = (timeline: ReturnType<typeof emptyTimeline>) =>
    unfinishedPhases(10_000, 30_000, timeline).map(({ name, from, to }) => `${name} ${from}-${to}`);

  test("migrated until then when its Job failed, or when there is none but the one before", () => {
    const timeline = emptyTimeline();
    seeJob(timeline, old, 5_000);
    expect(named(timeline)).toEqual(["migrating 10000-30000"]);
    seeJob(timeline, { metadata: { name: "new", labels } }, 11_000);
    seeJob(timeline, { metadata: { name: "new", labels }, status: ended("Failed") }, 20_000);
    expect(named(timeline)).toEqual(["migrating 10000-30000"]);
  });

  test("replaced pods from its Job's end on", () => {
    const timeline = emptyTimeline();
    seeJob(timeline, { metadata: { name: "new", labels } }, 11_000);
    seeJob(timeline, { metadata: { name: "new", labels }, status: ended("Complete") }, 20_000);
    expect(named(timeline)).toEqual(["migrating 10000-20000", "rollout 20000-30000"]);
  });
});

describe("a Job", () => {
  const job = (type: string, status: string): V1Job => ({
    metadata: { name: "j" },
    status: { succeeded: 1, conditions: [{ type, status, message: "why" }] },
  });
  test("ends by its condition, not by a count", () => {
    const timeline = emptyTimeline();
    seeJob(timeline, job("SuccessCriteriaMet", "True"), 1);
    seeJob(timeline, job("Complete", "False"), 2);
    expect(timeline.jobs.get("j")?.endedAt).toBeUndefined();
    seeJob(timeline, job("Complete", "True"), 3);
    seeJob(timeline, job("Complete", "True"), 8);
    expect(timeline.jobs.get("j")).toMatchObject({ endedAt: 3, outcome: "Complete" });
  });
  test("is told from another by what it is for", () => {
    const timeline = emptyTimeline();
    const labels = { "app.kubernetes.io/component": "contract" };
    seeJob(timeline, { metadata: { name: "c", labels } }, 1);
    expect(timeline.jobs.get("c")?.component).toBe("contract");
  });
  test("that failed says why", () => {
    const timeline = emptyTimeline();
    seeJob(timeline, job("Failed", "True"), 1);
    expect(timeline.jobs.get("j")).toMatchObject({ outcome: "Failed", message: "why" });
  });
});
