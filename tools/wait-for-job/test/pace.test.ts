import { expect, test } from "vitest";
import { decide, type Rules } from "../src/decide.ts";
import type { JobView } from "../src/job.ts";
import { pace } from "../src/pace.ts";
import { type Answer, apply, type Event, type State, start } from "../src/state.ts";
import { TIMING } from "../src/timing.ts";

const SECOND = 1_000;
const MINUTES = 10 * 60 * SECOND;
const running: JobView = { kind: "running", uid: "u", active: 1, failed: 0 };

test("a pause lasts half to one and a half of what is asked for, longer each time, at most twice as long", () => {
  expect([0, 1, 2, 9].map((looks) => pace(10, looks, 0.5))).toEqual([10, 15, 20, 20]);
  expect([0, 1].map((spread) => pace(10, 0, spread))).toEqual([5, 15]);
});

/** All looks of so many gates that start in one moment, by the rules alone and on a clock of its own. */
function looksOf(gates: number, first: JobView, answer: Answer, news?: [at: number, event: Event]): number[] {
  // No chance in a test: the same spread of numbers each time.
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const rules: Rules = { ...TIMING, schema: true, confirmFor: 10 * SECOND, deadline: MINUTES };
  const looks: number[] = [];
  for (let gate = 0; gate < gates; gate += 1) {
    let state: State = apply(start(["a"]), seen(first), 0);
    for (let [now, told] = [0, news === undefined]; ; ) {
      const decision = decide(state, rules, now);
      if (decision.kind === "end") break;
      const next = Math.max(now, Math.min(decision.askAt ?? MINUTES, decision.until));
      if (!told && news !== undefined && next >= news[0]) {
        [now, told] = [news[0], true];
        state = apply(state, news[1], now);
        continue;
      }
      now = next;
      if (now === decision.until) continue;
      looks.push(now);
      state = apply(state, { type: "database", answer, askedAt: now, spread: random() }, now);
    }
  }
  return looks;
}
const seen = (view: JobView): Event => ({ type: "job", name: "a", view });

/** The most within one second, the first look of all left away. */
const busiest = (looks: readonly number[], from = 1) => {
  const seconds = new Map<number, number>();
  for (const at of looks.filter((one) => one >= from)) {
    seconds.set(Math.floor(at / SECOND), (seconds.get(Math.floor(at / SECOND)) ?? 0) + 1);
  }
  return Math.max(...seconds.values());
};

test("a Job that never ends, is suspended or absent: the database is asked for ever, and never long not", () => {
  for (const view of [running, { kind: "suspended", uid: "u" }, { kind: "absent" }] as const) {
    const looks = looksOf(1, view, { kind: "not-recorded" });
    const pauses = looks.slice(1).map((at, n) => at - (looks[n] ?? 0));
    expect(looks.at(-1)).toBeGreaterThan(MINUTES - 30 * SECOND);
    expect(Math.max(...pauses)).toBeLessThanOrEqual((view.kind === "absent" ? 9 : 30) * SECOND + 50);
  }
});

test("500 gates on one running Job: 500 looks at the start, then at most 70 in a second, 27 on average", () => {
  const looks = looksOf(500, running, { kind: "not-recorded" });
  expect(looks.filter((at) => at === 0)).toHaveLength(500);
  expect(busiest(looks)).toBeLessThanOrEqual(70);
  expect((looks.length - 500) / (MINUTES / SECOND)).toBeLessThan(27);
});

test("500 gates lose the API server in one moment: they do not all ask in that moment", () => {
  const at = 60 * SECOND;
  const down: Event = {
    type: "trouble",
    name: "a",
    trouble: { kind: "unreachable", verb: "list", reason: "" },
  };
  const looks = looksOf(500, running, { kind: "not-recorded" }, [at, down]);
  expect(busiest(looks, at)).toBeLessThan(250);
  // Each of them all the same within a few seconds.
  expect(looks.filter((one) => one >= at && one < at + 10 * SECOND).length).toBeGreaterThanOrEqual(500);
});

test("500 gates whose Job has ended ask at once, and whom the database had no room for, not in step again", () => {
  const ended = 60 * SECOND;
  const full: Answer = { kind: "unreachable", reason: "sorry, too many clients already" };
  const looks = looksOf(500, running, full, [ended, seen({ kind: "complete", uid: "u" })]);
  expect(looks.filter((at) => at === ended)).toHaveLength(500);
  expect(busiest(looks, ended + 1)).toBeLessThan(250);
});
