import { type JobView, sameView } from "./job.ts";

export type Verb = "list" | "watch";

/** Why the API server cannot be heard. `since` is kept while it stays of one kind. */
export interface Trouble {
  readonly kind: "denied" | "unreachable";
  readonly verb: Verb;
  readonly reason: string;
  readonly status?: number | undefined;
  readonly since: number;
}

export interface JobFacts {
  readonly view: JobView;
  /** When the API server last told something new about it. */
  readonly changedAt?: number | undefined;
  /** When this Job (this uid) was first seen to have ended. */
  readonly endedAt?: number | undefined;
  readonly trouble?: Trouble | undefined;
}

/** What the database said when asked whether this release's schema is there. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "not-recorded" }
  /** `found`: what is there instead, where that is not nothing. */
  | { readonly kind: "no-tables"; readonly reason: string; readonly found?: string | undefined }
  | { readonly kind: "floor-proposed"; readonly floor: string; readonly contract: string }
  | { readonly kind: "floor-final"; readonly floor: string; readonly contract: string }
  | { readonly kind: "unreachable"; readonly reason: string };

/** Everything the gate knows. Times are milliseconds on one monotonic clock. */
export interface State {
  readonly jobs: ReadonlyMap<string, JobFacts>;
  readonly database?: Look | undefined;
}

/** The last answer, and when it was asked for: an answer counts for what happened before the question. */
export interface Look {
  readonly answer: Answer;
  readonly askedAt: number;
  /** How many before it said the same, since a Job last changed. */
  readonly looks: number;
  /** From 0 to 1, drawn at random: where in its time the next look falls. */
  readonly spread: number;
}

export type Event =
  | { readonly type: "job"; readonly name: string; readonly view: JobView }
  | { readonly type: "heard"; readonly name: string; readonly verb: Verb }
  | {
      readonly type: "trouble";
      readonly name: string;
      readonly trouble: Omit<Trouble, "since">;
    }
  | { readonly type: "database"; readonly answer: Answer; readonly askedAt: number; readonly spread: number };

export function start(names: readonly string[]): State {
  return { jobs: new Map(names.map((name) => [name, { view: { kind: "unheard" } }])) };
}

export function apply(state: State, event: Event, now: number): State {
  if (event.type === "database") {
    const { answer, askedAt, spread } = event;
    const last = state.database;
    const looks = last?.answer.kind === answer.kind ? last.looks + 1 : 0;
    return { ...state, database: { answer, askedAt, looks, spread } };
  }
  const facts = state.jobs.get(event.name);
  if (!facts) return state;
  const next = applyToJob(facts, event, now);
  // News of a Job is a reason to expect some of the database.
  const database =
    state.database && next.view.kind !== facts.view.kind ? { ...state.database, looks: 0 } : state.database;
  return { jobs: new Map(state.jobs).set(event.name, next), database };
}

function applyToJob(facts: JobFacts, event: Exclude<Event, { type: "database" }>, now: number): JobFacts {
  switch (event.type) {
    case "job": {
      if (sameView(facts.view, event.view)) return facts;
      const ended = event.view.kind === "complete" || event.view.kind === "failed";
      return { ...facts, view: event.view, changedAt: now, endedAt: ended ? now : undefined };
    }
    case "heard":
      // A LIST that works says nothing about a WATCH that does not; a WATCH that works ends every trouble.
      return event.verb === "watch" || facts.trouble?.verb === "list"
        ? { ...facts, trouble: undefined }
        : facts;
    case "trouble": {
      const same = facts.trouble?.kind === event.trouble.kind;
      const since = same && facts.trouble ? facts.trouble.since : now;
      return { ...facts, trouble: { ...event.trouble, since } };
    }
  }
}
