import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, type Rules } from "../src/decide.ts";
import type { JobView } from "../src/job.ts";
import { type Answer, apply, type Event, start } from "../src/state.ts";

const RULES: Rules = {
  schema: true,
  deniedFor: 5_000,
  confirmFor: 10_000,
  confirmEvery: 500,
  databaseEvery: 3_000,
  databaseSlowly: 10_000,
  deadline: 600_000,
};
const running: JobView = { kind: "running", uid: "u", active: 1, failed: 0 };
const completed: JobView = { kind: "complete", uid: "u" };

/** Plays events at their times and decides at the last. */
function play(
  names: string[],
  events: [at: number, event: Event][],
  rules = RULES,
  now = events.at(-1)?.[0] ?? 0,
) {
  let state = start(names);
  for (const [at, event] of events) state = apply(state, event, at);
  return decide(state, rules, now);
}
const seen = (view: JobView, name = "a"): Event => ({ type: "job", name, view });
const says = (kind: "ready" | "not-recorded", askedAt: number): Event => ({
  type: "database",
  answer: { kind },
  askedAt,
  spread: 0.5,
});
const denied = (verb: "list" | "watch" = "list"): Event => ({
  type: "trouble",
  name: "a",
  trouble: { kind: "denied", verb, status: 403, reason: "403" },
});

test("the database is asked at once at the start, and when a Job ends", () => {
  expect(play(["a"], [])).toEqual({ kind: "wait", askAt: Number.NEGATIVE_INFINITY, until: RULES.deadline });
  const ended: [number, Event][] = [
    [0, says("not-recorded", 0)],
    [5, seen(running)],
    [9, seen(completed)],
  ];
  expect(play(["a"], ended)).toMatchObject({ kind: "wait", askAt: Number.NEGATIVE_INFINITY });
});

test("an answer to a question put before the Job ended does not count as the one after it", () => {
  const failed: JobView = { kind: "failed", uid: "u", reason: "", message: "" };
  const before: [number, Event][] = [
    [10, seen(failed)],
    [11, says("not-recorded", 9)],
  ];
  expect(play(["a"], before).kind).toBe("wait");
  expect(play(["a"], [...before, [12, says("not-recorded", 11)]])).toMatchObject({ why: "job-failed" });
});

test("while the Job is seen the database is asked slowly, while it is absent every few seconds, longer each time", () => {
  const after = (view: JobView, looks: number) => {
    const asked = Array.from({ length: looks }, (_, n): [number, Event] => [n + 2, says("not-recorded", n)]);
    const decision = play(["a"], [[1, seen(view)], ...asked]);
    return decision.kind === "wait" && (decision.askAt ?? 0) - looks + 1;
  };
  for (const view of [running, { kind: "suspended", uid: "u" } as const]) {
    expect([1, 2, 3, 4].map((looks) => after(view, looks))).toEqual([10_000, 15_000, 20_000, 20_000]);
  }
  expect([1, 2, 3, 4].map((looks) => after({ kind: "absent" }, looks))).toEqual([3_000, 4_500, 6_000, 6_000]);
});

test("when the Job vanishes the pace of its presence ends, but not for all gates in one moment", () => {
  const asked: [number, Event][] = [
    [1, seen(running)],
    [2, says("not-recorded", 2)],
    [9_000, seen({ kind: "absent" })],
  ];
  expect(play(["a"], asked)).toMatchObject({ askAt: 10_002 });
  expect(play(["a"], [...asked.slice(0, 2), [5_000, seen({ kind: "absent" })]])).toMatchObject({
    askAt: 6_500,
  });
});

test("no is final from a question put confirmFor after Complete, not a moment before", () => {
  const at = (askedAt: number) =>
    play(
      ["a"],
      [
        [100, seen(completed)],
        [askedAt, says("not-recorded", askedAt)],
      ],
    );
  expect(at(10_099)).toMatchObject({ kind: "wait", askAt: 10_599 });
  expect(at(10_100)).toEqual({ kind: "end", why: "unconfirmed" });
});

test("another Job of the same name starts the grace anew", () => {
  const again: JobView = { kind: "complete", uid: "next" };
  expect(
    play(
      ["a"],
      [
        [0, seen(completed)],
        [9_000, seen(again)],
        [12_000, says("not-recorded", 12_000)],
      ],
    ).kind,
  ).toBe("wait");
});

test("denied is final 5 s after the first refusal, by the clock, unless an answer was accepted in between", () => {
  const decided = (now: number, ...events: [number, Event][]) =>
    play(["a"], [[0, denied()], ...events], RULES, now);
  const final = { kind: "end", why: "denied" };
  // No further try has ended by then: the next answer takes long.
  expect(decided(4_999)).toMatchObject({ kind: "wait", until: 5_000 });
  expect(decided(5_000)).toMatchObject(final);
  expect(decided(5_000, [4_900, denied()])).toMatchObject(final);
  const heard: Event = { type: "heard", name: "a", verb: "list" };
  expect(decided(5_001, [3_000, heard], [3_100, denied()])).toMatchObject({ kind: "wait", until: 8_100 });
  const down: Event = {
    type: "trouble",
    name: "a",
    trouble: { kind: "unreachable", verb: "list", reason: "" },
  };
  expect(decided(600_000 - 1, [3_000, down])).toMatchObject({ kind: "wait", until: RULES.deadline });
  // A LIST that works does not make up for a WATCH that is refused.
  const watch: [number, Event][] = [
    [0, denied("watch")],
    [3_000, heard],
  ];
  expect(play(["a"], watch, RULES, 5_000)).toMatchObject(final);
});

test("the deadline ends whatever is still open", () => {
  expect(play(["a"], [[1, seen(running)]], RULES, 599_999).kind).toBe("wait");
  expect(play(["a"], [[1, seen(running)]], RULES, 600_000)).toMatchObject({ why: "timed-out" });
});

const views: JobView[] = [
  { kind: "unheard" },
  { kind: "absent" },
  { kind: "suspended", uid: "u" },
  running,
  completed,
  { kind: "complete", uid: "v" },
];
const answers: Answer[] = [
  { kind: "not-recorded" },
  { kind: "no-tables", reason: "" },
  { kind: "unreachable", reason: "" },
  { kind: "floor-proposed", floor: "2", contract: "c" },
];
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    type: fc.constant("job" as const),
    name: fc.constantFrom("a", "b"),
    view: fc.constantFrom(...views),
  }),
  fc.record({
    type: fc.constant("database" as const),
    answer: fc.constantFrom(...answers),
    askedAt: fc.nat(1000),
    spread: fc.constant(0.5),
  }),
  fc.constantFrom<Event>(denied(), denied("watch"), { type: "heard", name: "b", verb: "watch" }),
);

test("with a schema nothing but the database opens; without one, nothing but every Job Complete", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), fc.boolean(), (events, schema) => {
      let state = start(["a", "b"]);
      const last = new Map<string, string>();
      events.forEach((one, index) => {
        state = apply(state, one, index);
        if (one.type === "job") last.set(one.name, one.view.kind);
        const decision = decide(state, { ...RULES, schema }, index);
        const opened = decision.kind === "end" && decision.why === "open";
        expect(opened).toBe(!schema && last.get("a") === "complete" && last.get("b") === "complete");
      });
    }),
    { numRuns: 2_000 },
  );
});
