import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { withLiveView } from "../lib/live/below-step.ts";
import { changes, factsOf } from "../lib/live/draw/facts.ts";
import { plain } from "../lib/live/draw/paint.ts";
import { isInteractive } from "../lib/live/terminal.ts";
import { emptyTimeline } from "../lib/rollout/timeline.ts";
import { at, enter, job, load, said, stateOf, steady, upgrading } from "./live-states.ts";

describe("where nothing can be redrawn, a line for each change", () => {
  test("of a pod, its gate's words, a Job's step and end, a phase and its length", () => {
    const timeline = steady();
    let before = factsOf(stateOf(timeline, 1));
    const told = (seconds: number, facts = {}) => {
      const after = factsOf(stateOf(timeline, seconds, facts));
      const lines = changes(before, after);
      before = after;
      return lines;
    };
    // Only time went by.
    expect(told(9)).toEqual([]);
    job(timeline, 10, ["m", "migration"]);
    enter(timeline, 10, ["x", "new", "v2"], "gate");
    expect(told(10.5)).toEqual([
      "Pod blog-new-x (v2) waits in the gate",
      "Job m runs",
      "Phase: steady took 10 s",
      "Phase: migrating",
    ]);
    const logs = new Map([["m", [said(11, { migration: "A1", phase: "expand", message: "applying" })]]]);
    const gateLines = new Map([["blog-new-x", "Job blog/m is not finished"]]);
    expect(told(11, { logs, gateLines })).toEqual([
      "Pod blog-new-x (v2) waits in the gate: Job blog/m is not finished",
      "Job m runs: A1 (expand)",
    ]);
    expect(told(12, { logs, gateLines })).toEqual([]);
    job(timeline, 13, ["m", "migration"], "Complete");
    enter(timeline, 13, ["x", "new", "v2"], "ready");
    enter(timeline, 13, ["aaaaa", "old", "v1"], "draining");
    expect(told(13.2, { logs })).toEqual([
      "Pod blog-old-aaaaa (v1) is terminating",
      "Pod blog-new-x (v2) is ready",
      "Job m is done",
      "Phase: migrating took 3 s",
      "Phase: rollout",
    ]);
    enter(timeline, 20, ["aaaaa", "old", "v1"], "gone");
    expect(told(20.2, { logs })).toEqual(["Pod blog-old-aaaaa (v1) is gone"]);
  });

  test("of a backfill's progress, of failures, and of who answers", () => {
    const lines = [...factsOf(upgrading()).values()];
    expect(lines).toContain(
      "Job blog-contract-9f8e7d6c5b runs: FillCategories1765000000000 (backfill): 62 %, 31,200 rows, about 8 s left",
    );
    expect(lines).toContain("v2 answers requests");
    const failing = stateOf(steady(), 5, {
      load: load(
        [{ from: 0, to: 5, perSecond: 1, fields: { ok: false, s: 0, v: "", e: "connection\nreset" } }],
        5,
      ),
    });
    expect([...factsOf(failing).values()]).toContain(
      "No release known: at least 4 requests failed, the first: list → no answer: connection reset",
    );
  });

  test("of failures whenever they have doubled, whatever the last of them says", () => {
    const fails = (count: number, k: string) => ({
      from: 0,
      to: 1,
      perSecond: count,
      fields: { ok: false, s: 500, k },
    });
    const told = [1, 2, 3, 4, 7, 8, 1_999].map(
      (count) =>
        factsOf(stateOf(steady(), 5, { load: load([fails(1, "read"), fails(count - 1, "page")], 5) })).get(
          "failed v1",
        ) ?? "",
    );
    expect(told.map((line) => /v1: (.*) failed, the first: read → 500/.exec(line)?.[1])).toEqual([
      "1 request",
      "at least 2 requests",
      "at least 2 requests",
      "at least 4 requests",
      "at least 4 requests",
      "at least 8 requests",
      "at least 1,024 requests",
    ]);
  });

  test("of nothing there, of an API server that is silent, of a Job that failed", () => {
    const timeline = emptyTimeline();
    expect([...factsOf(stateOf(timeline, 1, { silentSince: at(0) })).values()]).toEqual([
      "The API server does not answer; still trying",
      "No blog in namespace blog yet. make deploy or make demo brings one.",
    ]);
    job(timeline, 1, ["m", "migration"], "Failed");
    const logs = new Map([["m", [said(1, { event: "summary", message: "No.", next: "Repair it." })]]]);
    expect(factsOf(stateOf(timeline, 2, { logs })).get("job m")).toBe("Job m failed: No. Repair it.");
  });
});

describe("steps with the live view", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
  const screen = (interactive: boolean) => ({ interactive, paint: plain, columns: () => 80, rows: () => 30 });
  const live = (state = upgrading) => ({ state, stop: async () => {} });
  const passing = async (step: Promise<unknown>) => {
    await vi.advanceTimersByTimeAsync(1_000);
    await step;
  };
  const run = async (interactive: boolean, state = upgrading) => {
    const said: string[] = [];
    const step = (title: string) => ({
      title,
      async run(say: (text: string) => void) {
        say(`${title} begins`);
        await sleep(900);
        if (interactive && state !== upgrading) say(`${title} goes on`);
      },
    });
    const steps = withLiveView([step("One"), step("Two")], () => live(state), screen(interactive));
    for (const one of steps)
      await passing(
        one.run(
          (text) => void said.push(text),
          () => {},
        ),
      );
    await vi.advanceTimersByTimeAsync(5_000);
    return said;
  };

  test("draw it below what the step said last, and no more once the step is over", async () => {
    const said = await run(true);
    // At once, and with what the step says above it: neither goes away for a moment.
    expect(said[0]).toMatch(/^One begins\nPhase {2}steady/);
    expect(said.at(-1)).toMatch(/^Two begins\nPhase {2}steady/);
    const frames = said.filter((text) => text.includes("\n"));
    expect(frames).toHaveLength(said.length);
    // When a step begins, and at two ticks of the second that each lasts.
    expect(frames).toHaveLength(6);
    // The list's own lines need room, too.
    for (const frame of frames) expect(frame.split("\n").length).toBeLessThanOrEqual(30 - 8 + 1);
    for (const line of frames.join("\n").split("\n")) expect(line.length).toBeLessThanOrEqual(80 - 4);
  });

  test("tell each change once, across steps, where nothing can be redrawn", async () => {
    const said = await run(false);
    expect(said.filter((text) => text.includes("\n"))).toEqual([]);
    expect(said.filter((text) => text === "v2 answers requests")).toHaveLength(1);
    expect(said.indexOf("v2 answers requests")).toBeLessThan(said.indexOf("Two begins"));
    expect(new Set(said).size).toBe(said.length);
  });

  test("go on when the view fails, and say so once for each", async () => {
    const said = await run(true, () => {
      throw new Error("a fault in it");
    });
    const stopped = "The live view has stopped: Error: a fault in it";
    expect(said).toEqual([stopped, "One goes on", stopped, "Two goes on"]);
  });

  test("show what a step says as long as there is nothing else, and draw where it says nothing", async () => {
    const said: string[] = [];
    let there = false;
    const step = {
      title: "One",
      async run(say: (text: string) => void) {
        await sleep(500);
        say("starting k6");
      },
    };
    const quiet = { title: "Two", run: async () => void (await sleep(500)) };
    for (const one of withLiveView([step, quiet], () => (there ? live() : undefined), screen(true))) {
      await passing(
        one.run(
          (text) => void said.push(text),
          () => {},
        ),
      );
      there = true;
    }
    expect(said[0]).toBe("starting k6");
    expect(said.slice(1)).toEqual([expect.stringMatching(/^Phase {2}steady/)]);
  });
});

test("it is redrawn on a terminal only, and not in CI or on a dumb one", () => {
  const terminal = { isTTY: true as const };
  expect(isInteractive(terminal, { TERM: "xterm" })).toBe(true);
  expect(isInteractive(terminal, { TERM: "xterm", CI: "false" })).toBe(true);
  expect(isInteractive(terminal, { TERM: "xterm", CI: "true" })).toBe(false);
  expect(isInteractive(terminal, { TERM: "dumb" })).toBe(false);
  expect(isInteractive({ isTTY: undefined as never }, { TERM: "xterm" })).toBe(false);
});
