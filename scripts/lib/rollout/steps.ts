import { livePods, type PodLife, type Timeline } from "./timeline.ts";

/** The pods that a rollout is to replace, taken before it is ordered. */
export const oldPodsOf = (timeline: Timeline): Set<string> =>
  new Set(livePods(timeline).map(({ name }) => name));

const newPods = (timeline: Timeline, old: Set<string>): PodLife[] =>
  livePods(timeline).filter(({ name }) => !old.has(name));

/** All replicas of the new revision are ready. */
export const newPodsReady = (timeline: Timeline, old: Set<string>, replicas: number): boolean =>
  newPods(timeline, old).filter(({ ready }) => ready).length >= replicas;

/** No old pod is left, not even one that is still draining. */
export const oldPodsGone = (timeline: Timeline, old: Set<string>): boolean =>
  livePods(timeline).every(({ name }) => !old.has(name));

/** When the last of the new pods became ready. */
export const lastReadyAt = (timeline: Timeline, old: Set<string>): number =>
  Math.max(
    ...[...timeline.pods.values()].filter(({ name }) => !old.has(name)).map((pod) => pod.readyAt ?? 0),
  );

export const lastGoneAt = (timeline: Timeline, old: Set<string>): number =>
  Math.max(...[...timeline.pods.values()].filter(({ name }) => old.has(name)).map((pod) => pod.goneAt ?? 0));
