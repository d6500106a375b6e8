import type { ConnectionsResult } from "./connections.ts";
import { least } from "./least-rate.ts";
import type { LedgerResult } from "./ledger.ts";
import { rampSeconds } from "./ramp.ts";
import type { Answer } from "./raw.ts";
import {
  type FailureCause,
  failureCauses,
  longestStallMs,
  mixedSeconds,
  type Percentiles,
  percentiles,
  servedBy,
  type Window,
  within,
} from "./statistics.ts";

/** In the order they happen. A backfill runs while pods are replaced, so the last two may overlap with the rollout. */
export const phaseNames = ["steady", "plainRestart", "migrating", "rollout", "backfill", "contract"] as const;
export type PhaseName = (typeof phaseNames)[number];

export interface Phase extends Window {
  name: PhaseName;
  seconds: number;
}

/** What k6 counted itself, added up over its processes. */
export interface LoadTotals {
  requests: number;
  droppedIterations: number;
  /** What k6 said on its standard error: an exception in the script is a request that nobody judged. */
  errors: string[];
}

export interface Evidence {
  from: string;
  to: string;
  /** Requests per second that were to arrive. */
  rate: number;
  answers: Answer[];
  /** Requests that were in flight when the load was stopped. */
  cutOff: number;
  unreadableLines: number;
  totals: LoadTotals;
  ledger: LedgerResult;
  /** How the connections ended that were watched beside the load. */
  connections: ConnectionsResult;
  phases: Phase[];
  /** What went wrong on the way, such as a rollout that never ended: the figures then cover what there was. */
  troubles: string[];
  /** When the last old pod was gone, ms since the epoch. */
  lastOldPodGoneAt: number;
  /** When the contract Job ended, where the release has one, and how long after the upgrade's order that was. */
  contractEndedAt?: number | undefined;
  contractSeconds?: number | undefined;
  /** From the order to restart to the last new pod ready; undefined where there was none to compare with. */
  plainRestartSeconds: number | undefined;
  /** From the Job's end to the last new pod ready; undefined where it did not come to that. */
  rolloutSeconds: number | undefined;
}

export interface Summary {
  from: string;
  to: string;
  verdict: "passed" | "failed";
  reasons: string[];
  requests: number;
  /** Those that arrived, and those that were to. */
  requestsPerSecond: number;
  rate: number;
  failed: number;
  failures: FailureCause[];
  droppedIterations: number;
  acknowledgedWrites: number;
  lostWrites: number;
  duplicatedWrites: number;
  alteredWrites: number;
  longestStallMs: number;
  connections: ConnectionsResult;
  servedBy: Record<string, number>;
  mixedSeconds: number;
  /** By phase; without those that did not take place. */
  latency: Partial<Record<PhaseName, Percentiles>>;
  plainRestartSeconds: number | undefined;
  rolloutSeconds: number | undefined;
  contractSeconds?: number | undefined;
  phases: Phase[];
  lostExamples: string[];
}

/** What a green run must keep to. Sources: the README's promise. */
export const bounds = {
  /** Fewer, of which none failed, would prove little: with 2,000 a fault that hits one request in 400 shows 99 times in 100. */
  requests: 2_000,
  /** Of the requests that were to arrive. */
  shareOfRate: 0.9,
  longestStallMs: 1000,
  /** Rollout (Job ended → last new pod ready) against a plain rolling restart in the same run. */
  rolloutRatio: 1.5,
  /** Requests cut off by the stop, or counted on one side only: what can be in flight at that moment, in s of the load. */
  inFlightAtStop: 0.13,
} as const;

export function summarise(evidence: Evidence): Summary {
  const { answers, phases, ledger } = evidence;
  const latency = Object.fromEntries(
    phases.map((phase) => [phase.name, percentiles(within(answers, phase))]),
  );
  const facts = {
    from: evidence.from,
    to: evidence.to,
    requests: answers.length,
    requestsPerSecond: Math.round(answers.length / secondsOf(answers)),
    rate: evidence.rate,
    failed: answers.filter((answer) => !answer.ok).length,
    failures: failureCauses(answers),
    droppedIterations: evidence.totals.droppedIterations,
    acknowledgedWrites: ledger.acknowledgedWrites,
    lostWrites: ledger.lostWrites,
    duplicatedWrites: ledger.duplicatedWrites,
    alteredWrites: ledger.alteredWrites,
    longestStallMs: longestStallMs(answers),
    connections: evidence.connections,
    servedBy: servedBy(answers),
    mixedSeconds: mixedSeconds(answers, evidence.from, evidence.to),
    latency,
    plainRestartSeconds: evidence.plainRestartSeconds,
    rolloutSeconds: evidence.rolloutSeconds,
    contractSeconds: evidence.contractSeconds,
    phases,
    lostExamples: ledger.examples,
  };
  const reasons = reasonsToFail(facts, evidence);
  return { ...facts, verdict: reasons.length === 0 ? "passed" : "failed", reasons };
}

/** What failed before anything was changed tells of the machine, or of the service, and nothing of a migration. */
function beforeAnyChange({ answers, phases }: Evidence): string {
  const steady = phases.find(({ name }) => name === "steady");
  const failed = answers.filter(({ ok, t }) => !ok && t < (steady?.to ?? 0)).length;
  return failed === 0
    ? ""
    : `, ${failed} of them before anything was changed: machine or service cannot carry this load (RATE=${least} sends less)`;
}

/** Whether the load was what it was to be. It starts from little, so its first seconds have half of it. */
export function arrived({ requests, requestsPerSecond, rate }: Facts): boolean {
  const due = rate * (requests / requestsPerSecond - rampSeconds / 2);
  return requests >= due * bounds.shareOfRate;
}

type Facts = Omit<Summary, "verdict" | "reasons">;

function reasonsToFail(facts: Facts, evidence: Evidence): string[] {
  const { answers, totals, troubles } = evidence;
  const reasons = troubles.map((trouble) => trouble.replace(/\.$/, ""));
  const { rolloutSeconds, plainRestartSeconds } = facts;
  const unless = (holds: boolean, reason: string) => void (holds || reasons.push(reason));

  unless(
    facts.failed === 0,
    `${facts.failed} of ${facts.requests} requests failed${beforeAnyChange(evidence)}`,
  );
  unless(
    facts.droppedIterations === 0,
    `the load dropped ${facts.droppedIterations} requests it could not send in time`,
  );
  unless(facts.lostWrites === 0, `${facts.lostWrites} acknowledged writes were lost`);
  unless(facts.duplicatedWrites === 0, `${facts.duplicatedWrites} writes are stored twice`);
  unless(facts.alteredWrites === 0, `${facts.alteredWrites} acknowledged writes read back altered`);
  const { cut, unanswered, resetIdle, answered, examples } = facts.connections;
  unless(
    cut + unanswered + resetIdle === 0,
    `of the connections watched byte by byte ${cut} were cut in the middle of an answer, ${unanswered} ended before it, ${resetIdle} were reset while idle: ${examples[0]}`,
  );
  unless(answered > 0, "no watched connection got an answer, so nothing was proven about connections");
  unless(facts.acknowledgedWrites > 0, "no write was acknowledged, so nothing was proven about writes");
  for (const release of new Set([facts.from, facts.to])) {
    // That the new one does not serve is what a migration that failed is meant to bring about.
    const cannot = release === facts.to && rolloutSeconds === undefined && troubles.length > 0;
    unless(cannot || (facts.servedBy[release] ?? 0) > 0, `${release} never served`);
  }
  for (const connections of ["reused", "new"] as const) {
    unless(
      answers.some((answer) => answer.c === connections),
      `no request used ${connections} connections`,
    );
  }
  unless(
    facts.requests >= bounds.requests,
    `only ${facts.requests} requests were made, ${bounds.requests} are needed`,
  );
  unless(arrived(facts), `only ${facts.requestsPerSecond} requests/s arrived, of ${facts.rate} that were to`);
  unless(
    facts.longestStallMs <= bounds.longestStallMs,
    `nothing was answered for ${facts.longestStallMs} ms, the bound is ${bounds.longestStallMs} ms`,
  );
  const lastAnswerAt = answers.at(-1)?.t ?? 0;
  unless(lastAnswerAt > evidence.lastOldPodGoneAt, "the load ended before the last old pod was gone");
  unless(
    lastAnswerAt > (evidence.contractEndedAt ?? 0),
    "the load ended before the contract Job did, so nothing was proven about it",
  );
  unless(
    plainRestartSeconds === undefined ||
      rolloutSeconds === undefined ||
      rolloutSeconds <= plainRestartSeconds * bounds.rolloutRatio,
    `the rollout took ${rolloutSeconds} s, over ${bounds.rolloutRatio} times the plain restart's ${plainRestartSeconds} s`,
  );
  // A request that k6 counted and nobody judged would make the figures above worthless. Those cut off it may count or not.
  const { cutOff, unreadableLines } = evidence;
  const judged = answers.length;
  const unjudged = Math.max(totals.requests - judged - cutOff, judged - totals.requests, 0);
  const inFlight = bounds.inFlightAtStop * facts.requestsPerSecond;
  unless(
    unreadableLines === 0 && unjudged + cutOff <= inFlight,
    `k6 counted ${totals.requests} requests, the raw output holds ${judged}, ${cutOff} cut off at the end, ${unreadableLines} unreadable`,
  );
  unless(totals.errors.length === 0, `k6 reported: ${totals.errors[0]}`);
  return reasons;
}

function secondsOf(answers: Answer[]): number {
  const first = answers[0];
  const last = answers.at(-1);
  return first && last ? Math.max(1, (last.t - first.t) / 1000) : 1;
}
