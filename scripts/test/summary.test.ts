import { describe, expect, test } from "vitest";
import type { Answer } from "../lib/load/raw.ts";
import { type Evidence, summarise } from "../lib/load/summary.ts";

/** 250 requests/s for 20 s: v1 until second 12, both until 14, then v2. */
function goodAnswers(): Answer[] {
  return Array.from({ length: 5000 }, (_, index) => {
    const t = index * 4;
    const v = t < 12_000 ? "v1" : t < 14_000 ? (index % 2 ? "v1" : "v2") : "v2";
    return { t, d: 3, s: 200, v, k: "list", c: index % 5 === 0 ? "new" : "reused", ok: true };
  });
}

const good = (): Evidence => ({
  from: "v1",
  to: "v2",
  rate: 250,
  answers: goodAnswers(),
  cutOff: 3,
  unreadableLines: 0,
  totals: { requests: 5002, droppedIterations: 0, errors: [] },
  ledger: { acknowledgedWrites: 10, lostWrites: 0, duplicatedWrites: 0, alteredWrites: 0, examples: [] },
  connections: { opened: 20, answered: 900, cut: 0, unanswered: 0, resetIdle: 0, examples: [] },
  phases: [
    { name: "steady", from: 0, to: 4_000, seconds: 4 },
    { name: "plainRestart", from: 4_000, to: 8_000, seconds: 4 },
    { name: "migrating", from: 8_000, to: 10_000, seconds: 2 },
    { name: "rollout", from: 10_000, to: 16_000, seconds: 6 },
  ],
  troubles: [],
  lastOldPodGoneAt: 16_000,
  plainRestartSeconds: 6,
  rolloutSeconds: 5,
});

test("a good run passes and its figures are those of the raw output", () => {
  expect(summarise(good())).toMatchObject({
    verdict: "passed",
    reasons: [],
    requests: 5000,
    requestsPerSecond: 250,
    failed: 0,
    servedBy: { v1: 3250, v2: 1750 },
    mixedSeconds: 2,
    longestStallMs: 4,
    latency: { steady: { p50: 3, p99: 3, requests: 1000 }, rollout: { requests: 1500 } },
  });
});

describe("each promise can fail", () => {
  const broken: [string, (evidence: Evidence) => void, RegExp][] = [
    [
      "a failed request",
      ({ answers }) => Object.assign(answers[3_000] ?? {}, { ok: false, s: 500, e: "boom" }),
      /1 of 5000 requests failed$/,
    ],
    [
      "a request that failed before anything was changed",
      ({ answers }) => Object.assign(answers[100] ?? {}, { ok: false, s: 0, e: "request timeout" }),
      /1 of 5000 requests failed, 1 of them before anything was changed/,
    ],
    ["dropped iterations", ({ totals }) => void totals.droppedIterations++, /dropped 1 request/],
    ["a lost write", ({ ledger }) => void ledger.lostWrites++, /1 acknowledged writes were lost/],
    ["a duplicated write", ({ ledger }) => void ledger.duplicatedWrites++, /stored twice/],
    ["an altered write", ({ ledger }) => void ledger.alteredWrites++, /altered/],
    [
      "a connection cut in an answer",
      ({ connections }) => void connections.cut++,
      /1 were cut in the middle of an answer/,
    ],
    [
      "a connection without its answer",
      ({ connections }) => void connections.unanswered++,
      /1 ended before it/,
    ],
    ["a connection reset", ({ connections }) => void connections.resetIdle++, /1 were reset while idle/],
    [
      "no connection watched",
      ({ connections }) => Object.assign(connections, { answered: 0 }),
      /nothing was proven about connections/,
    ],
    [
      "too few requests",
      ({ answers, totals }) => {
        answers.splice(1_000, 3_500);
        totals.requests = answers.length;
      },
      /only 1500 requests were made/,
    ],
    [
      "no write at all",
      ({ ledger }) => Object.assign(ledger, { acknowledgedWrites: 0 }),
      /no write was acknowledged/,
    ],
    ["the new release never served", (evidence) => Object.assign(evidence, { to: "v9" }), /v9 never served/],
    [
      "only reused connections",
      ({ answers }) => {
        for (const answer of answers) answer.c = "reused";
      },
      /new connections/,
    ],
    [
      "too little load",
      ({ answers }) => {
        for (const answer of answers) answer.t *= 2;
      },
      /only 125 requests\/s arrived, of 250 that were to/,
    ],
    ["a stall", ({ answers }) => answers.splice(500, 300), /nothing was answered for 1204 ms/],
    [
      "a load that ends too early",
      (evidence) => Object.assign(evidence, { lastOldPodGoneAt: 21_000 }),
      /ended before the last old pod/,
    ],
    [
      "a load that ends before the contract does",
      (evidence) => Object.assign(evidence, { contractEndedAt: 21_000 }),
      /ended before the contract Job did/,
    ],
    [
      "a slow rollout",
      (evidence) => Object.assign(evidence, { rolloutSeconds: 9.1 }),
      /took 9.1 s, over 1.5 times/,
    ],
    [
      "raw lines that got lost",
      ({ totals }) => Object.assign(totals, { requests: 5035 }),
      /k6 counted 5035 requests/,
    ],
    [
      "an exception in the load script",
      ({ totals }) => void totals.errors.push("TypeError: x"),
      /k6 reported: TypeError: x/,
    ],
    [
      "a rollout that never ended",
      ({ troubles }) => void troubles.push("The rollout took too long."),
      /The rollout took too long/,
    ],
    ["an unreadable line", (evidence) => Object.assign(evidence, { unreadableLines: 1 }), /1 unreadable/],
  ];
  test.each(broken)("%s", (_, damage, reason) => {
    const evidence = good();
    damage(evidence);
    const { verdict, reasons } = summarise(evidence);
    expect(verdict).toBe("failed");
    expect(reasons.join("; ")).toMatch(reason);
  });
});

test("latency of a backfill and a contract is told where there was one", () => {
  const evidence = good();
  evidence.phases.push({ name: "backfill", from: 12_000, to: 14_000, seconds: 2 });
  const { latency } = summarise({ ...evidence, contractEndedAt: 18_000, contractSeconds: 10 });
  expect(latency.backfill).toMatchObject({ requests: 500 });
  expect(latency.contract).toBeUndefined();
});

test("a migration that failed is the one reason, when the old release served on", () => {
  const evidence = good();
  for (const answer of evidence.answers) answer.v = "v1";
  const failed = {
    ...evidence,
    rolloutSeconds: undefined,
    troubles: ["The migration failed: no such column."],
  };
  expect(summarise(failed).reasons).toEqual(["The migration failed: no such column"]);
  expect(summarise({ ...failed, troubles: [] }).reasons).toEqual(["v2 never served"]);
});

test("without a plain restart in the run there is nothing to hold the rollout against", () => {
  expect(summarise({ ...good(), plainRestartSeconds: undefined, rolloutSeconds: 99 }).reasons).toEqual([]);
});

test("failed requests are named by what answered and how", () => {
  const evidence = good();
  for (const answer of evidence.answers.slice(0, 3))
    Object.assign(answer, { ok: false, s: 500, k: "create", e: 'column "body" is gone' });
  Object.assign(evidence.answers[5] ?? {}, { ok: false, s: 0, v: "", e: "connection reset" });
  expect(summarise(evidence).failures).toEqual([
    { what: "create → 500 from v1", count: 3, example: 'column "body" is gone' },
    { what: "list → no answer", count: 1, example: "connection reset" },
  ]);
});
