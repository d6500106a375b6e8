import { describe, expect, test } from "vitest";
import type { Answer } from "../lib/load/raw.ts";
import { parseLines } from "../lib/load/raw.ts";
import { failuresOf } from "../lib/report/record/failures.ts";
import { workOf } from "../lib/report/record/jobs.ts";
import { lockWaits } from "../lib/report/record/lock-waits.ts";
import { perSecond } from "../lib/report/record/per-second.ts";
import { podLines } from "../lib/report/record/pods.ts";
import { lanesOf } from "../lib/report/view/chart-data.ts";
import { stretchesOf } from "../lib/report/view/pods.ts";
import { duration, moment } from "../lib/report/view/words.ts";
import type { LogLine } from "../lib/rollout/job-log.ts";
import { emptyTimeline } from "../lib/rollout/timeline.ts";

const start = 1_700_000_000_000;
/** As k6 prints them: ms after the start, and what is not usual about the answer. */
const answers = (...lines: [number, Partial<Answer>?][]): Answer[] =>
  parseLines(
    lines.map(([t, more]) =>
      JSON.stringify({ t: start + t, d: 3, s: 200, v: "v1", k: "list", c: "reused", ok: true, ...more }),
    ),
  ).answers;
const failed = { ok: false, s: 500, e: "boom" };

describe("requests by second", () => {
  test("count by release what was answered as expected, and the rest as failed, whoever answered", () => {
    const {
      at,
      ms,
      served,
      failed: failures,
    } = perSecond(answers([0], [400], [999, { v: "v2" }], [1_000, { v: "v2" }], [1_500, failed], [1_999]), [
      "v1",
      "v2",
    ]);
    expect({ at, ms }).toEqual({ at: [0, 1_000], ms: [1_000, 999] });
    expect(served).toEqual({ v1: [2, 1], v2: [1, 1] });
    expect(failures).toEqual([0, 1]);
  });

  test("have percentiles over what was answered: a request without an answer took no time that counts", () => {
    const unanswered = { ok: false, s: 0, v: "", d: 5_000, e: "timeout" };
    const all = answers([0, { d: 2 }], [10, { d: 4 }], [20, { d: 90.26 }], [30, unanswered], [1_700]);
    const { p50, p99, slowest } = perSecond(all, ["v1"]);
    expect({ p50: p50[0], p99: p99[0], slowest: slowest[0] }).toEqual({ p50: 4, p99: 90.3, slowest: 90.3 });
  });

  test("have no latency where nothing was answered", () => {
    const { p50, p99, slowest, served } = perSecond(answers([0], [2_600]), ["v1"]);
    expect([p50[1], p99[1], slowest[1], served.v1?.[1]]).toEqual([null, null, null, 0]);
  });

  test("end with a part of a second of its own only when that is long enough to say something", () => {
    expect(perSecond(answers([0], [2_499]), []).ms).toEqual([1_000, 1_499]);
    expect(perSecond(answers([0], [2_500]), []).ms).toEqual([1_000, 1_000, 500]);
    const { served } = perSecond(answers([0], [1_000], [2_400]), ["v1"]);
    expect(served.v1).toEqual([1, 2]);
  });

  test("of no request at all are one empty row", () => {
    expect(perSecond([], ["v1"])).toMatchObject({ at: [0], served: { v1: [0] }, p50: [null] });
  });
});

describe("failed requests", () => {
  test("are kept one by one, with their causes, most frequent first", () => {
    const all = answers(
      [0],
      [100, { ...failed, k: "create", d: 7.6 }],
      [300, { ...failed, d: 2.2 }],
      [500, { ...failed, s: 0, v: "", e: "reset" }],
      [900, failed],
    );
    const { causes, at, ms, cause, each } = failuresOf(all);
    expect(causes.map(({ what, count, firstAt, lastAt }) => [what, count, firstAt, lastAt])).toEqual([
      ["list → 500 from v1", 2, 300, 900],
      ["create → 500 from v1", 1, 100, 100],
      ["list → no answer", 1, 500, 500],
    ]);
    expect({ at, ms, cause, each }).toEqual({
      at: [100, 300, 500, 900],
      ms: [8, 2, 3, 3],
      cause: [1, 0, 2, 0],
      each: 1,
    });
  });

  test("that are too many to keep each are thinned out evenly, and the record says so", () => {
    const many = answers(
      [0],
      ...Array.from({ length: 25 }, (_, index): [number, Partial<Answer>] => [index + 1, failed]),
    );
    const { at, each, causes } = failuresOf(many, 10);
    expect(each).toBe(3);
    expect(at).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25]);
    expect(causes[0]?.count).toBe(25);
  });

  test("have a lane for each cause, up to eight; then the rare ones share the last", () => {
    const causes = Array.from({ length: 10 }, (_, index) => ({ what: `cause ${index}`, count: 10 - index }));
    expect(lanesOf(causes.slice(0, 8))).toHaveLength(8);
    expect(lanesOf(causes).map(({ title, count }) => `${count} × ${title}`)).toEqual([
      ...causes.slice(0, 7).map(({ what, count }) => `${count} × ${what}`),
      "6 × by 3 rarer causes",
    ]);
  });
});

const line = (at: number, message: string, fields: Partial<LogLine> = {}): LogLine => ({
  time: new Date(start + at).toISOString(),
  message,
  migration: "AddKey1750000000000",
  ...fields,
});
const lock = (pid: number) => ({
  relation: "posts",
  mode: "AccessExclusiveLock",
  blockers: [{ pid, applicationName: "psql", state: "idle in transaction" }],
});

describe("lock waits", () => {
  test("last from where they are seen until the log goes on", () => {
    expect(
      lockWaits(
        [
          line(0, "applying"),
          line(200, "waiting", { wait: lock(7) }),
          line(450, "the foreign key is added"),
          line(900, "applied"),
        ],
        start,
      ),
    ).toEqual([
      {
        from: 200,
        to: 450,
        migration: "AddKey1750000000000",
        what: "posts",
        mode: "AccessExclusiveLock",
        heldBy: "pid 7 (psql, idle in transaction)",
        outcome: "granted",
      },
    ]);
  });

  test("of an attempt that gave up end there; the next attempt's begins after the pause, though nobody tells", () => {
    const again = { attempt: 1, pauseMs: 600, wait: lock(7) };
    const waits = lockWaits(
      [
        line(0, "applying"),
        line(150, "waiting", { wait: lock(7) }),
        line(500, "not granted", again),
        line(1_600, "not granted", { ...again, attempt: 2, pauseMs: 800 }),
        line(2_500, "applied"),
      ],
      start,
    );
    expect(waits.map(({ from, to, outcome, pauseMs }) => [from, to, outcome, pauseMs])).toEqual([
      [150, 500, "given up", 600],
      [1_100, 1_600, "given up", 800],
    ]);
  });

  test("go on while others come to hold the lock, and name all of them", () => {
    const waits = lockWaits(
      [line(0, "waiting", { wait: lock(7) }), line(300, "waiting", { wait: lock(8) }), line(500, "applied")],
      start,
    );
    expect(waits).toMatchObject([
      {
        from: 0,
        to: 500,
        heldBy: "pid 7 (psql, idle in transaction), pid 8 (psql, idle in transaction)",
        outcome: "granted",
      },
    ]);
  });

  test("for another lock, or for one transaction after the other, are another wait", () => {
    const { relation: _, ...transaction } = lock(7);
    const waits = lockWaits(
      [
        line(0, "waiting", { wait: lock(7) }),
        line(100, "waiting", { wait: { ...lock(7), relation: "categories" } }),
        line(150, "waiting", { wait: { ...lock(7), relation: "categories", mode: "ShareLock" } }),
        line(200, "waiting", { wait: transaction }),
        line(300, "waiting", { wait: { ...transaction, blockers: [{ pid: 9 }] } }),
        line(400, "applied"),
      ],
      start,
    );
    expect(waits.map(({ from, to, what }) => [from, to, what])).toEqual([
      [0, 100, "posts"],
      [100, 150, "categories"],
      [150, 200, "categories"],
      [200, 300, "another transaction"],
      [300, 400, "another transaction"],
    ]);
  });

  test("are told for the migrator's own lock, too; what the log's end leaves open is not called granted", () => {
    const waits = lockWaits([line(100, "another migrator", { holder: { pid: 9 } })], start);
    expect(waits).toMatchObject([{ what: "the migrator's lock", heldBy: "pid 9", outcome: "unknown" }]);
    const summary = { event: "summary", exitCode: 11 };
    const inVain = [line(0, "waiting", { wait: lock(7) }), line(500, "no lock", summary)];
    expect(lockWaits(inVain, start)).toMatchObject([{ to: 500, outcome: "given up" }]);
  });
});

test("a migration is at work from its first attempt until it is applied; one that failed has no end", () => {
  const work = workOf(
    [
      line(100, "applying", { phase: "expand" }),
      line(700, "applying", { phase: "expand" }),
      line(900, "applied"),
      line(1_000, "applying", { migration: "Fill", phase: "backfill" }),
      line(1_500, "4000 rows", { migration: "Fill" }),
      line(1_900, "lost", { migration: undefined, event: "summary", exitCode: 30 }),
    ],
    start,
  );
  expect(work).toEqual([
    { migration: "AddKey1750000000000", phase: "expand", from: 100, to: 900 },
    { migration: "Fill", phase: "backfill", from: 1_000, failedAt: 1_900 },
  ]);
});

describe("pods", () => {
  const timeline = emptyTimeline();
  const pod = (name: string, createdAt: number, states: [string, number][]) =>
    timeline.pods.set(name, {
      name,
      revision: "r",
      version: "v1",
      createdAt: start + createdAt,
      ready: false,
      states: states.map(([state, at]) => ({ state: state as "ready", at: start + at })),
    });
  pod("late", 500, [
    ["pending", 500],
    ["gate", 700],
    ["starting", 900],
    ["ready", 1_200],
  ]);
  pod("early", -5_000, [
    ["ready", -5_000],
    ["draining", 300],
    ["gone", 800],
  ]);

  test("come in the order in which they were made, with times from the load's start", () => {
    expect(podLines(timeline, start).map(({ name, states }) => [name, states[0]])).toEqual([
      ["early", ["ready", -5_000]],
      ["late", ["pending", 500]],
    ]);
  });

  test("are in each state until the next one, in the last until the run's end, and not at all once gone", () => {
    const [early, late] = podLines(timeline, start).map((line) => stretchesOf(line, 2_000));
    expect(early).toEqual([
      { state: "ready", from: -5_000, to: 300 },
      { state: "draining", from: 300, to: 800 },
    ]);
    expect(late?.at(-1)).toEqual({ state: "ready", from: 1_200, to: 2_000 });
  });
});

test("times are told as people say them", () => {
  expect([90.4, 999, 4_949, 59_949, 59_960, 60_000, 125_400].map(duration)).toEqual([
    "90 ms",
    "999 ms",
    "4.9 s",
    "59.9 s",
    "1 min",
    "1 min",
    "2 min 5 s",
  ]);
  expect([0, 42_340, 59_960, 61_000, -1_500].map(moment)).toEqual([
    "0:00.0",
    "0:42.3",
    "1:00.0",
    "1:01.0",
    "−0:01.5",
  ]);
});
