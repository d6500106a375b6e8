import type { PodState } from "../../rollout/pod-state.ts";
import type { LivePhaseName } from "../model/phase.ts";

export const phaseWords: Record<LivePhaseName, string> = {
  steady: "steady",
  plainRestart: "plain restart",
  migrating: "migrating",
  rollout: "rollout",
  backfill: "backfill",
  contract: "contract",
  install: "install",
  podChange: "pods change",
  held: "held back",
};

export const podWords: Record<PodState, string> = {
  pending: "pending",
  gate: "in the gate",
  starting: "starting",
  ready: "ready",
  unready: "not ready",
  draining: "terminating",
  gone: "gone",
};

/** Whole seconds, since a live figure that flickers cannot be read. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
