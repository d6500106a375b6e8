import { expect, test } from "vitest";
import type { Answer } from "../lib/load/raw.ts";
import type { Summary } from "../lib/load/summary.ts";
import { closing } from "../soak/closing.ts";
import { createTally, type Judged, ratios, reasonsToFail } from "../soak/tally.ts";
import type { TurnName } from "../soak/turns.ts";

/** A hundred answers of this duration in the phase a turn is compared by. */
function turn(name: TurnName, phase: "migrating" | "rollout" | "plainRestart", d: number, more = {}): Judged {
  const answers = Array.from({ length: 100 }, (_, t): Answer => {
    return { t, d, s: 200, v: "v1", k: "list", c: "new", ok: true };
  });
  const summary = {
    verdict: "passed",
    reasons: [],
    requests: 100,
    failed: 0,
    droppedIterations: 0,
    acknowledgedWrites: 20,
    lostWrites: 0,
    duplicatedWrites: 0,
    alteredWrites: 0,
    longestStallMs: 30,
    connections: { opened: 6, answered: 50, cut: 0, unanswered: 0, resetIdle: 0, examples: [] },
    servedBy: { v1: 60, v2: 40 },
    phases: [{ name: phase, from: 0, to: 100, seconds: 0.1 }],
    ...more,
  } as unknown as Summary;
  return { name, summary, answers };
}

test("turns are added up, and each kind is held against its like", () => {
  const { add } = createTally();
  add(turn("upgrade", "migrating", 12));
  add(turn("upgrade", "rollout", 10, { longestStallMs: 90 }));
  add(turn("upgrade without migration", "migrating", 8));
  const tally = add(turn("restart", "plainRestart", 5));
  expect(tally).toMatchObject({
    turns: { upgrade: 2, "upgrade without migration": 1, restart: 1 },
    red: [],
    requests: 400,
    acknowledgedWrites: 80,
    longestStallMs: 90,
    connections: { opened: 24, answered: 200 },
    servedBy: { v1: 240, v2: 160 },
  });
  expect(ratios(tally)).toEqual({ migrating: 1.5, rollout: 2 });
});

test("a percentile is that of all requests of the kind, not of one turn's", () => {
  const { add } = createTally();
  add(turn("upgrade", "migrating", 1));
  const tally = add(turn("upgrade", "migrating", 9));
  expect(tally.latency["upgrade / migrating"]).toMatchObject({ requests: 200, p50: 1, p99: 9 });
  expect(ratios(tally)).toEqual({ migrating: undefined, rollout: undefined });
});

test("one red turn is in the end's words, with its reason", () => {
  const { add } = createTally();
  const red = { verdict: "failed", reasons: ["3 of 100 requests failed"], failed: 3 };
  const tally = add(turn("rollback", "rollout", 5, red));
  expect(reasonsToFail(tally)).toEqual(["1 turn was red"]);
  expect(tally).toMatchObject({ failed: 3, red: [{ turn: 1, name: "rollback" }] });
  expect(closing(tally, 1.5)).toMatch(/Soak of 1\.5 minutes[\s\S]*failed 3[\s\S]*turn 1, rollback: 3 of 100/);
});

test("p99 is judged once there is enough of it", () => {
  const { add } = createTally();
  const cycle = () => {
    add(turn("upgrade", "migrating", 16));
    add(turn("upgrade without migration", "migrating", 10));
    return add(turn("restart", "plainRestart", 5));
  };
  cycle();
  expect(reasonsToFail(cycle())).toEqual([]);
  expect(reasonsToFail(cycle())).toEqual([expect.stringMatching(/while migrating the p99 was 1\.6 times/)]);
  for (let made = 0; made < 3; made++) add(turn("upgrade", "rollout", 6));
  expect(reasonsToFail(add(turn("upgrade", "rollout", 6.3)))).toEqual([
    expect.stringMatching(/1\.6 times/),
    expect.stringMatching(/during the rollout the p99 was 1\.26 times/),
  ]);
});
