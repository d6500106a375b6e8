import type { PodLife } from "../../rollout/timeline.ts";
import type { JobPhase, LivePhase, LivePhaseName } from "./phase.ts";
import { merged, open, overlap, type Span, without } from "./span.ts";
import type { LiveState } from "./state.ts";

/** Job and pods of one order are not heard of in one moment. */
const shortestMs = 500;

export const lifeOf = ({ createdAt, goneAt = open }: PodLife): Span => ({ from: createdAt, to: goneAt });

/** Times in which pods came, went or were not ready, each with what it amounts to. */
export function podPhases({ timeline, since }: LiveState, jobs: JobPhase[]): LivePhase[] {
  const pods = [...timeline.pods.values()];
  const lives = revisionLives(pods);
  const migrating = jobs.filter(({ name }) => name === "migrating");
  const busy = merged([...pods.flatMap(unsettled), ...mixed(lives)], 0);
  return busy
    .flatMap((span) => cut(span, lives))
    .flatMap((span) => {
      const begins = Math.max(span.from, since);
      const old = pods.filter((pod) => wasThere(pod, since) || pod.createdAt < begins);
      const before = old.filter((pod) => lifeOf(pod).to >= begins);
      const came = pods.filter((pod) => !old.includes(pod) && pod.createdAt < span.to);
      const own = migrating.filter((one) => overlap(one, span).length > 0);
      // While a migration runs the new pods wait for it: that time is its own.
      const rest = without(span, own).filter(({ from, to }) => to - from >= shortestMs);
      return rest.map(({ from, to }) => {
        const job = own.findLast((one) => one.to <= from);
        const failed = job && timeline.jobs.get(job.job)?.outcome === "Failed";
        const name = failed ? "held" : nameOf(before, came, begins, job !== undefined);
        return { name, from, to };
      });
    });
}

/** It was up already when we first looked. */
const wasThere = ({ createdAt, states }: PodLife, since: number) =>
  createdAt <= since && ["ready", "unready", "draining"].includes(states[0]?.state ?? "");

function nameOf(before: PodLife[], came: PodLife[], at: number, migrated: boolean): LivePhaseName {
  if (before.length === 0) return "install";
  const all = [...before, ...came];
  if (new Set(all.map(({ revision }) => revision)).size < 2) return "podChange";
  // What drains by then belongs to the rollout before.
  const staying = all.filter(({ terminatingAt = open }) => terminatingAt > at);
  return migrated || new Set(staying.map(({ version }) => version)).size > 1 ? "rollout" : "plainRestart";
}

/** When a pod was anything but ready. */
function unsettled({ states }: PodLife): Span[] {
  return states.flatMap(({ state, at }, index) =>
    state === "ready" || state === "gone" ? [] : [{ from: at, to: states[index + 1]?.at ?? open }],
  );
}

/** From the first pod of a revision to its last one's end; a rollback brings a revision another time. */
const revisionLives = (pods: PodLife[]): Span[] =>
  [...Map.groupBy(pods, ({ revision }) => revision).values()].flatMap((own) => merged(own.map(lifeOf), 0));

/** When pods of two revisions were there, ready or not. */
const mixed = (lives: Span[]): Span[] =>
  lives.flatMap((one, index) => lives.slice(index + 1).flatMap((other) => overlap(one, other)));

/** In pieces, one for each revision that comes: a rollout may begin while the pods of the one before still drain. */
function cut({ from, to }: Span, lives: Span[]): Span[] {
  const starts = lives.map((life) => life.from).filter((at) => at > from && at < to);
  const edges = [from, ...starts.sort((a, b) => a - b), to];
  return edges.slice(1).map((edge, index) => ({ from: edges[index] ?? from, to: edge }));
}
