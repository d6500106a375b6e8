import type { PhaseName } from "../load/summary.ts";
import { workOf } from "../report/record/jobs.ts";
import type { PodLife } from "../rollout/timeline.ts";
import { merged, open, overlap, type Span } from "./span.ts";
import { type LiveState, logOf } from "./state.ts";

/** Beside the phases of a proof: pods where there were none, and pods that come or go without a new revision. */
export type LivePhaseName = PhaseName | "install" | "podChange";

/** `to` is infinite while it lasts. */
export interface LivePhase extends Span {
  name: LivePhaseName;
}

/** What a rollout leaves between one pod's readiness and the next one's start is no steady time. */
const shortestSteadyMs = 1_500;
/** Longer without any pod, and what comes then is another install. */
const longestPauseMs = 5_000;

/**
 * What has been going on since we look, or since the first pod came, told from pods, Jobs and the migrator's log
 * alone: so it is the same for a demo, a deploy and a kubectl by hand.
 */
export function livePhases(state: LiveState): LivePhase[] {
  const jobs = jobPhases(state);
  const life = merged([...state.timeline.pods.values()].map(lifeOf), longestPauseMs).at(-1);
  if (!life) return jobs;
  const busy = [...jobs, ...podPhases(state, jobs)]
    // What an earlier install went through is over.
    .filter(({ to }) => to >= life.from - shortestSteadyMs)
    .sort((a, b) => a.from - b.from);
  return withSteady(busy, { ...life, from: Math.max(life.from, state.since) }, state.now);
}

const lifeOf = ({ createdAt, goneAt = open }: PodLife): Span => ({ from: createdAt, to: goneAt });

/** Migration Jobs at work, and the backfills and contracts of any Job, which may take only a part of its time. */
function jobPhases(state: LiveState): LivePhase[] {
  return [...state.timeline.jobs.values()].flatMap((job) => {
    const ended = job.endedAt ?? job.goneAt ?? open;
    const works = workOf(logOf(state, job.name), 0);
    const phases = (["backfill", "contract"] as const).flatMap((name): LivePhase[] => {
      const own = works.filter(({ phase }) => phase === name);
      const from = own[0]?.from;
      if (from === undefined) return [];
      return [{ name, from, to: Math.max(from, ...own.map(({ to = ended }) => to)) }];
    });
    // One that was over when we first looked is not ours to tell.
    if (job.component === "migration" && ended > job.createdAt)
      phases.unshift({ name: "migrating", from: job.createdAt, to: ended });
    return phases;
  });
}

/** Times in which pods came, went or were not ready, each with what it amounts to. */
function podPhases({ timeline, since }: LiveState, jobs: LivePhase[]): LivePhase[] {
  const pods = [...timeline.pods.values()];
  const migrating = jobs.filter(({ name }) => name === "migrating");
  return merged([...pods.flatMap(unsettled), ...mixed(pods)], shortestSteadyMs).flatMap((span) => {
    const begins = Math.max(span.from, since);
    const old = pods.filter((pod) => wasThere(pod, since) || pod.createdAt < begins);
    const before = old.filter((pod) => lifeOf(pod).to >= begins);
    const came = pods.filter((pod) => !old.includes(pod) && pod.createdAt <= span.to);
    const job = migrating.findLast((one) => overlap(one, { ...span, to: span.to + 1 }).length > 0);
    // While the migration runs the new pods wait for it: that time is its own.
    const from = Math.max(span.from, job?.to ?? 0);
    return from < span.to ? [{ name: nameOf(before, came, job !== undefined), from, to: span.to }] : [];
  });
}

/** It was up already when we first looked. */
const wasThere = ({ createdAt, states }: PodLife, since: number) =>
  createdAt <= since && ["ready", "unready", "draining"].includes(states[0]?.state ?? "");

function nameOf(before: PodLife[], came: PodLife[], migrated: boolean): LivePhaseName {
  if (before.length === 0) return "install";
  const revisions = new Set([...before, ...came].map(({ revision }) => revision));
  const versions = new Set([...before, ...came].map(({ version }) => version));
  if (revisions.size < 2) return "podChange";
  return migrated || versions.size > 1 ? "rollout" : "plainRestart";
}

/** When a pod was anything but ready. */
function unsettled({ states }: PodLife): Span[] {
  return states.flatMap(({ state, at }, index) =>
    state === "ready" || state === "gone" ? [] : [{ from: at, to: states[index + 1]?.at ?? open }],
  );
}

/** When pods of two revisions were there, ready or not. */
function mixed(pods: PodLife[]): Span[] {
  const lives = Map.groupBy(pods, ({ revision }) => revision);
  const all = [...lives.values()].flatMap((own) => merged(own.map(lifeOf), 0));
  return all.flatMap((one, index) => all.slice(index + 1).flatMap((other) => overlap(one, other)));
}

/** Fills the gaps: where nothing happens to pods that are there, they are steady. */
function withSteady(busy: LivePhase[], life: Span, now: number): LivePhase[] {
  const all: LivePhase[] = [];
  let at = Math.min(life.from, busy[0]?.from ?? life.from);
  for (const phase of busy) {
    if (phase.from - at >= shortestSteadyMs) all.push({ name: "steady", from: at, to: phase.from });
    all.push(phase);
    at = Math.max(at, phase.to);
  }
  if (Math.min(life.to, now) - at >= shortestSteadyMs || all.length === 0)
    all.push({ name: "steady", from: at, to: life.to });
  return all;
}
