import { pace } from "./pace.ts";
import type { JobFacts, State } from "./state.ts";

export interface Rules {
  /** With a schema key the database decides; without one, the Job's condition. */
  readonly schema: boolean;
  readonly deniedFor: number;
  readonly confirmFor: number;
  readonly confirmEvery: number;
  readonly databaseEvery: number;
  readonly databaseSlowly: number;
  /** When the gate gives up, on the clock of the state. */
  readonly deadline: number;
}

/** Why the gate ends, and with which exit code. */
export const EXIT = {
  open: 0,
  "job-failed": 1,
  "timed-out": 3,
  denied: 4,
  unconfirmed: 5,
  retired: 6,
} as const;

export interface End {
  readonly kind: "end";
  readonly why: keyof typeof EXIT;
  readonly job?: string;
}

export type Decision =
  | End
  /** `askAt`: when to ask the database next, undefined without one. `until`: when to decide again, whatever happens. */
  | { readonly kind: "wait"; readonly askAt: number | undefined; readonly until: number };

/** What to do, given everything that is known. The only place where the gate is opened. */
export function decide(state: State, rules: Rules, now: number): Decision {
  const jobs = [...state.jobs];
  const answer = state.database?.answer.kind;
  const complete = jobs.length > 0 && jobs.every(([, facts]) => facts.view.kind === "complete");

  if (rules.schema && answer === "ready") return { kind: "end", why: "open" };
  if (rules.schema && answer === "floor-final") return { kind: "end", why: "retired" };
  if (!rules.schema && complete) return { kind: "end", why: "open" };

  // A failed Job may still have left its schema behind, or have failed because the database moved past this
  // release; so the database is asked once more, and only once, before the gate stops.
  const failed = jobs.find(([, facts]) => facts.view.kind === "failed");
  if (failed && (!rules.schema || askedSince(state, failed[1]))) {
    return { kind: "end", why: "job-failed", job: failed[0] };
  }
  if (rules.schema && complete && refusedToTheEnd(state, rules)) return { kind: "end", why: "unconfirmed" };

  // By the clock from the first refusal on, however long the next answer takes.
  const finalAt = ({ trouble }: JobFacts) =>
    trouble?.kind === "denied" ? trouble.since + rules.deniedFor : Number.POSITIVE_INFINITY;
  const denied = jobs.find(([, facts]) => now >= finalAt(facts));
  if (denied) return { kind: "end", why: "denied", job: denied[0] };
  if (now >= rules.deadline) return { kind: "end", why: "timed-out" };
  const until = Math.min(rules.deadline, ...jobs.map(([, facts]) => finalAt(facts)));
  return { kind: "wait", askAt: rules.schema ? askAt(state, rules, complete) : undefined, until };
}

const askedSince = (state: State, facts: JobFacts) =>
  state.database !== undefined && state.database.askedAt >= (facts.endedAt ?? Number.POSITIVE_INFINITY);

/**
 * A Job reports Complete after its migrator committed, so a primary already shows it. A replica, or a Job that is
 * just being replaced by a new one of the same name, needs a moment: no is final only from a question put
 * `confirmFor` after the last Job completed. A database that cannot be asked has not said no.
 */
function refusedToTheEnd(state: State, rules: Rules): boolean {
  if (!state.database) return false;
  const { answer, askedAt } = state.database;
  if (answer.kind !== "not-recorded" && answer.kind !== "no-tables") return false;
  return askedAt - lastEnd(state) >= rules.confirmFor;
}

/** At once when there is no answer yet and when a Job ended, else at a pace: how soon depends on who else may bring news. */
function askAt(state: State, rules: Rules, complete: boolean): number {
  if (!state.database) return Number.NEGATIVE_INFINITY;
  const { answer, askedAt, looks, spread } = state.database;
  const facts = [...state.jobs.values()];
  if (facts.some(({ endedAt }) => endedAt !== undefined && endedAt > askedAt))
    return Number.NEGATIVE_INFINITY;
  const after = (every: number) => askedAt + pace(every, looks, spread);
  const refused = answer.kind === "not-recorded" || answer.kind === "no-tables";
  if (complete && refused) return after(rules.confirmEvery);
  // A database that is down or has proposed a floor changes by itself.
  if (complete || !refused) return after(rules.databaseEvery);
  const blind = facts.map(blindSince).filter((since) => since !== undefined);
  if (blind.length === 0) return after(rules.databaseSlowly);
  // All gates lose the API server in the same moment, and must not all ask in that moment.
  const soonest = Math.min(...blind) + rules.databaseEvery * spread;
  return Math.min(Math.max(after(rules.databaseEvery), soonest), after(rules.databaseSlowly));
}

/** Since when this Job cannot tell when to look; undefined while it can. */
function blindSince({ view, trouble, changedAt }: JobFacts): number | undefined {
  if (trouble !== undefined) return trouble.since;
  return view.kind === "absent" || view.kind === "unheard"
    ? (changedAt ?? Number.NEGATIVE_INFINITY)
    : undefined;
}

const lastEnd = (state: State) =>
  Math.max(...[...state.jobs.values()].map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
