import type { Answer } from "../lib/load/raw.ts";
import { type Percentiles, percentiles, within } from "../lib/load/statistics.ts";
import type { PhaseName, Summary } from "../lib/load/summary.ts";
import type { TurnName } from "./turns.ts";

/** Everything the turns so far have shown, added up. */
export interface Tally {
  turns: Record<string, number>;
  /** Turns whose verdict was red, with its reasons. */
  red: { turn: number; name: TurnName; reasons: string[] }[];
  requests: number;
  failed: number;
  droppedIterations: number;
  acknowledgedWrites: number;
  lostWrites: number;
  duplicatedWrites: number;
  alteredWrites: number;
  /** Of any turn. */
  longestStallMs: number;
  connections: { opened: number; answered: number; cut: number; unanswered: number; resetIdle: number };
  servedBy: Record<string, number>;
  /** Of all requests in such a phase of such a turn, as `turn / phase`. */
  latency: Record<string, Percentiles>;
}

/** Which phases of which turns are held against each other. */
export const phasesOf: Record<TurnName, PhaseName[]> = {
  upgrade: ["steady", "migrating", "rollout"],
  rollback: ["steady", "rollout"],
  "upgrade without migration": ["migrating", "rollout"],
  restart: ["steady", "plainRestart"],
};

export interface Judged {
  name: TurnName;
  summary: Summary;
  answers: Answer[];
}

/** Of an answer, what its percentiles need: there are a million of them. */
type Timed = Pick<Answer, "s" | "d">;

/** Adds turns up. Answers are kept by phase, because a percentile of percentiles would say nothing. */
export function createTally() {
  const byPhase = new Map<string, Timed[]>();
  const tally: Tally = {
    turns: {},
    red: [],
    requests: 0,
    failed: 0,
    droppedIterations: 0,
    acknowledgedWrites: 0,
    lostWrites: 0,
    duplicatedWrites: 0,
    alteredWrites: 0,
    longestStallMs: 0,
    connections: { opened: 0, answered: 0, cut: 0, unanswered: 0, resetIdle: 0 },
    servedBy: {},
    latency: {},
  };
  let turn = 0;
  return {
    add({ name, summary, answers }: Judged): Tally {
      turn++;
      tally.turns[name] = (tally.turns[name] ?? 0) + 1;
      if (summary.verdict !== "passed") tally.red.push({ turn, name, reasons: summary.reasons });
      for (const field of summed) tally[field] += summary[field];
      tally.longestStallMs = Math.max(tally.longestStallMs, summary.longestStallMs);
      for (const field of ["opened", "answered", "cut", "unanswered", "resetIdle"] as const)
        tally.connections[field] += summary.connections[field];
      for (const [release, count] of Object.entries(summary.servedBy))
        tally.servedBy[release] = (tally.servedBy[release] ?? 0) + count;
      for (const phase of summary.phases) {
        if (!phasesOf[name].includes(phase.name)) continue;
        const key = phase.name === "steady" ? "steady" : `${name} / ${phase.name}`;
        const kept = byPhase.get(key) ?? [];
        byPhase.set(key, kept);
        for (const { s, d } of within(answers, phase)) kept.push({ s, d });
        tally.latency[key] = percentiles(kept);
      }
      return tally;
    },
  };
}

const summed = [
  "requests",
  "failed",
  "droppedIterations",
  "acknowledgedWrites",
  "lostWrites",
  "duplicatedWrites",
  "alteredWrites",
] as const;

/** What a migration adds to the p99, and the rollout of an upgrade: each held against its like in the same run. */
export function ratios({ latency }: Tally): Record<"migrating" | "rollout", number | undefined> {
  const ratio = (one: string, other: string) => {
    const [a, b] = [latency[one]?.p99, latency[other]?.p99];
    return a && b ? Math.round((a / b) * 100) / 100 : undefined;
  };
  return {
    migrating: ratio("upgrade / migrating", "upgrade without migration / migrating"),
    rollout: ratio("upgrade / rollout", "restart / plainRestart"),
  };
}

/** Source of both: issue "Proof under fire". */
export const bounds = { migrating: 1.5, rollout: 1.25 } as const;

/** How often each turn must have been made before its p99 is judged: one is too short, and would be noise. */
export const turnsToJudge = 3;

const compared: TurnName[] = ["upgrade", "upgrade without migration", "restart"];

export const isLongEnough = ({ turns }: Tally, least = turnsToJudge): boolean =>
  compared.every((name) => (turns[name] ?? 0) >= least);

/** Why a soak is not green; none when it is. `least` as in `isLongEnough`. */
export function reasonsToFail(tally: Tally, least = turnsToJudge): string[] {
  const { migrating, rollout } = ratios(tally);
  const judged = isLongEnough(tally, least);
  const reasons: string[] = [];
  const red = tally.red.length;
  if (red > 0) reasons.push(red === 1 ? "1 turn was red" : `${red} turns were red`);
  if (judged && migrating !== undefined && migrating > bounds.migrating)
    reasons.push(
      `while migrating the p99 was ${migrating} times that of a migration with nothing to do, the bound is ${bounds.migrating}`,
    );
  if (judged && rollout !== undefined && rollout > bounds.rollout)
    reasons.push(
      `during the rollout the p99 was ${rollout} times that of a plain restart, the bound is ${bounds.rollout}`,
    );
  return reasons;
}
