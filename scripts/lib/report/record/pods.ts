import type { PodState } from "../../rollout/pod-state.ts";
import type { PodLife, Timeline } from "../../rollout/timeline.ts";

/** One pod's life. */
export interface PodLine {
  name: string;
  /** The same for all pods of one template: a restart brings a new one. */
  revision: string;
  version: string;
  node?: string;
  /** What the pod was last seen to wait for. */
  waiting?: string;
  /** Each lasts until the next one, the last one until the end; `gone` is the end. */
  states: [state: PodState, at: number][];
}

/** The pods in the order they came; times are ms since the load's start, negative before it. */
export function podLines(timeline: Timeline, startedAt: number): PodLine[] {
  return [...timeline.pods.values()]
    .sort((a, b) => a.createdAt - b.createdAt)
    .map(({ name, revision, version, node, waiting, states }: PodLife) => ({
      name,
      revision,
      version,
      ...(node && { node }),
      ...(waiting && { waiting }),
      states: states.map(({ state, at }) => [state, at - startedAt]),
    }));
}
