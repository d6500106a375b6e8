import { workOf } from "../../report/record/jobs.ts";
import type { JobPhase, LivePhase } from "./phase.ts";
import { lifeOf, podPhases } from "./pod-phases.ts";
import { merged, open, type Span } from "./span.ts";
import { type LiveState, logOf } from "./state.ts";

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

/** Migration Jobs at work, and the backfills and contracts of any Job, which may take only a part of its time. */
function jobPhases(state: LiveState): JobPhase[] {
  return [...state.timeline.jobs.values()].flatMap((job) => {
    const ended = job.endedAt ?? job.goneAt ?? open;
    const works = workOf(logOf(state, job.name), 0);
    const phases = (["backfill", "contract"] as const).flatMap((name): JobPhase[] => {
      const own = works.filter(({ phase }) => phase === name);
      const from = own[0]?.from;
      if (from === undefined) return [];
      return [{ name, job: job.name, from, to: Math.max(from, ...own.map(({ to = ended }) => to)) }];
    });
    // One that was over when we first looked is not ours to tell.
    if (job.component === "migration" && ended > job.createdAt)
      phases.unshift({ name: "migrating", job: job.name, from: job.createdAt, to: ended });
    return phases;
  });
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
