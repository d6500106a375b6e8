import type { V1Pod } from "@kubernetes/client-node";

/**
 * Where a pod is in its life: not on a node yet or being made there; its init containers at work, which is the gate;
 * starting; ready; not ready any more; on its way out; gone.
 */
export type PodState = "pending" | "gate" | "starting" | "ready" | "unready" | "draining" | "gone";

/** What the API server says of a pod, as one word. `wasReady`: it has been ready before. */
export function stateOf({ metadata, status }: V1Pod, wasReady: boolean): PodState {
  const holds = (condition: string) =>
    status?.conditions?.some(({ type, status }) => type === condition && status === "True") ?? false;
  if (metadata?.deletionTimestamp) return "draining";
  if (holds("Ready")) return "ready";
  if (wasReady) return "unready";
  if (holds("Initialized")) return "starting";
  const begun = status?.initContainerStatuses?.some(
    ({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated,
  );
  return begun ? "gate" : "pending";
}
