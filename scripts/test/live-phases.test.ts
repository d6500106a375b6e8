import { describe, expect, test } from "vitest";
import { livePhases } from "../lib/live/model/phases.ts";
import { emptyTimeline, seeJobGone, type Timeline } from "../lib/rollout/timeline.ts";
import { at, enter, job, type Stage, said, stateOf, steady, t0, upgrading } from "./live-states.ts";

const second = (ms: number) => (Number.isFinite(ms) ? (ms - t0) / 1000 : "…");
const told = (state: Parameters<typeof livePhases>[0]) =>
  livePhases(state).map(({ name, from, to }) => `${name} ${second(from)}-${second(to)}`);
const of = (timeline: Timeline, seconds: number, facts = {}) => told(stateOf(timeline, seconds, facts));

/** The life of one pod: stage by second. */
function live(timeline: Timeline, id: [string, string, string], stages: [number, Stage][]): void {
  for (const [seconds, stage] of stages) enter(timeline, seconds, id, stage);
}

/** Replaces the three pods of `steady`, one after the other, from a second on; 4 s each. */
function replace(timeline: Timeline, from: number, hash: string, version: string, old = "old"): void {
  ["aaaaa", "bbbbb", "ccccc"].forEach((name, index) => {
    const start = from + index * 4;
    live(
      timeline,
      [`${name[0]}${hash}`, hash, version],
      [
        [start, "pending"],
        [start + 1, "gate"],
        [start + 2, "starting"],
        [start + 3, "ready"],
      ],
    );
    live(
      timeline,
      [name, old, "v1"],
      [
        [start + 3.1, "draining"],
        [start + 8, "gone"],
      ],
    );
  });
}

test("ready pods are steady from when we began to look", () => {
  expect(of(steady(), 9)).toEqual(["steady 0-…"]);
});

test("a plain restart replaces pods by pods of the same version, and steady time follows", () => {
  const timeline = steady();
  replace(timeline, 10, "new", "v1");
  expect(of(timeline, 30)).toEqual(["steady 0-10", "plainRestart 10-26", "steady 26-…"]);
});

test("an upgrade migrates until its Job ends, and is a rollout from then on", () => {
  const timeline = steady();
  job(timeline, 10, ["m", "migration"]);
  enter(timeline, 10, ["x", "new", "v2"], "gate");
  expect(of(timeline, 14)).toEqual(["steady 0-10", "migrating 10-…"]);
  job(timeline, 15, ["m", "migration"], "Complete");
  expect(of(timeline, 16)).toEqual(["steady 0-10", "migrating 10-15", "rollout 15-…"]);
  replace(timeline, 15.5, "new", "v2");
  enter(timeline, 16, ["x", "new", "v2"], "ready");
  expect(of(timeline, 40)).toEqual(["steady 0-10", "migrating 10-15", "rollout 15-31.5", "steady 31.5-…"]);
});

test.each([
  ["a second after the last old pod is gone", 27],
  ["while old pods still drain", 23],
])("an upgrade %s is not taken for a part of the restart before it", (_, ordered) => {
  const timeline = steady();
  replace(timeline, 10, "new", "v1");
  enter(timeline, ordered, ["x", "newer", "v2"], "starting");
  enter(timeline, ordered + 5, ["x", "newer", "v2"], "ready");
  const restart = `plainRestart 10-${Math.min(26, ordered)}`;
  expect(of(timeline, 40)).toEqual(["steady 0-10", restart, `rollout ${ordered}-…`]);
});

test("nor is a restart that follows an upgrade while the oldest pods drain", () => {
  const timeline = steady();
  replace(timeline, 10, "new", "v2");
  for (const name of ["a", "b", "c"]) enter(timeline, 30, [`${name}new`, "new", "v2"], "ready");
  enter(timeline, 24, ["x", "newer", "v2"], "starting");
  expect(of(timeline, 29)).toEqual(["steady 0-10", "rollout 10-24", "plainRestart 24-…"]);
});

test("pods heard of a moment before the Job they came with are no rollout of their own", () => {
  const timeline = steady();
  enter(timeline, 10, ["x", "new", "v2"], "gate");
  job(timeline, 10.2, ["m", "migration"]);
  expect(of(timeline, 12)).toEqual(["steady 0-10.2", "migrating 10.2-…"]);
});

test("a Job that comes later takes its own time out of a rollout, not what went before", () => {
  const timeline = steady();
  enter(timeline, 10, ["x", "new", "v2"], "starting");
  job(timeline, 20, ["m", "migration"]);
  expect(of(timeline, 25)).toEqual(["steady 0-10", "rollout 10-20", "migrating 20-…"]);
  job(timeline, 30, ["m", "migration"], "Failed");
  expect(of(timeline, 35)).toEqual(["steady 0-10", "rollout 10-20", "migrating 20-30", "held 30-…"]);
});

test("pods that a failed migration keeps in the gate are held back, which is no rollout", () => {
  const timeline = steady();
  job(timeline, 10, ["m", "migration"]);
  enter(timeline, 10, ["x", "new", "v2"], "gate");
  job(timeline, 15, ["m", "migration"], "Failed");
  expect(of(timeline, 30)).toEqual(["steady 0-10", "migrating 10-15", "held 15-…"]);
});

test("where a Job migrates it is no plain restart, even if the version is the same", () => {
  const timeline = steady();
  job(timeline, 10, ["m", "migration"]);
  enter(timeline, 10, ["x", "new", "v1"], "gate");
  job(timeline, 12, ["m", "migration"], "Complete");
  expect(of(timeline, 15)).toEqual(["steady 0-10", "migrating 10-12", "rollout 12-…"]);
});

test("pods of two versions are a rollout even when no Job runs, as after a rollback", () => {
  const timeline = steady();
  replace(timeline, 10, "new", "v2");
  expect(of(timeline, 30)).toEqual(["steady 0-10", "rollout 10-26", "steady 26-…"]);
});

test("a rollout lasts as long as two revisions are there, even if all pods are ready", () => {
  const timeline = steady();
  live(
    timeline,
    ["x", "new", "v2"],
    [
      [10, "starting"],
      [12, "ready"],
    ],
  );
  expect(of(timeline, 60)).toEqual(["steady 0-10", "rollout 10-…"]);
});

test("a rollout that we came to in the middle of is one, and no install", () => {
  const timeline = steady();
  enter(timeline, 0, ["x", "new", "v2"], "starting");
  expect(of(timeline, 5)).toEqual(["rollout 0-…"]);
});

test("a pod that is killed and replaced is no rollout", () => {
  const timeline = steady();
  enter(timeline, 10, ["aaaaa", "old", "v1"], "gone");
  live(
    timeline,
    ["x", "old", "v1"],
    [
      [10, "starting"],
      [13, "ready"],
    ],
  );
  expect(of(timeline, 20)).toEqual(["steady 0-10", "podChange 10-13", "steady 13-…"]);
});

test("an install is one, and what was before it is not told any more", () => {
  const timeline = steady();
  job(timeline, 4, ["before", "migration"]);
  job(timeline, 6, ["before", "migration"], "Complete");
  for (const name of ["aaaaa", "bbbbb", "ccccc"]) enter(timeline, 10, [name, "old", "v1"], "gone");
  expect(of(timeline, 12)).toEqual(["steady 0-4", "migrating 4-6", "steady 6-10"]);
  job(timeline, 30, ["m", "migration"]);
  enter(timeline, 30.1, ["x", "fresh", "v1"], "gate");
  job(timeline, 34, ["m", "migration"], "Complete");
  enter(timeline, 35, ["x", "fresh", "v1"], "ready");
  expect(of(timeline, 40)).toEqual(["migrating 30-34", "install 34-35", "steady 35-…"]);
});

describe("Jobs", () => {
  test("one that had ended before we looked has no phase; one deleted while it ran ended then", () => {
    const timeline = steady();
    job(timeline, 0, ["old", "migration"], "Complete");
    expect(of(timeline, 9)).toEqual(["steady 0-…"]);
    job(timeline, 10, ["m", "migration"]);
    seeJobGone(timeline, { metadata: { name: "m" } }, at(12));
    expect(of(timeline, 20)).toEqual(["steady 0-10", "migrating 10-12", "steady 12-…"]);
  });

  test("backfill and contract are told from the migrator's log, and end with the Job at the latest", () => {
    const timeline = steady();
    job(timeline, 5, ["c", "contract"]);
    const log = [
      said(6, { migration: "F", phase: "backfill", message: "applying" }),
      said(9, { migration: "F", message: "applied" }),
      said(12, { migration: "N", phase: "contract", message: "applying" }),
    ];
    const logs = new Map([["c", log]]);
    expect(of(timeline, 13, { logs })).toEqual([
      "steady 0-6",
      "backfill 6-9",
      "steady 9-12",
      "contract 12-…",
    ]);
    job(timeline, 14, ["c", "contract"], "Failed");
    expect(of(timeline, 20, { logs }).at(-2)).toBe("contract 12-14");
  });

  test("may work while pods are replaced", () => {
    expect(told(upgrading())).toEqual(["steady 0-12", "migrating 12-18", "rollout 18-…", "backfill 19-…"]);
  });
});

test("nothing there, no phase", () => {
  expect(of(emptyTimeline(), 9)).toEqual([]);
});
