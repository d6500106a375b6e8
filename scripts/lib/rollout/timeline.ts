import type { V1Job, V1Pod } from "@kubernetes/client-node";
import type { LogLine } from "./job-log.ts";
import { type PodState, stateOf } from "./pod-state.ts";

/** What happened to one pod; times are when we saw it, ms since the epoch. */
export interface PodLife {
  name: string;
  /** Of its Deployment's template; the same for all pods of one revision. */
  revision: string;
  version: string;
  createdAt: number;
  /** Never when it was told to end before that: one that becomes ready all the same is given no request. */
  readyAt?: number;
  terminatingAt?: number;
  goneAt?: number;
  /** Ready right now, and not about to end. */
  ready: boolean;
  /** What a person should know about a pod that is not ready, from its containers' states. */
  waiting?: string;
  node?: string;
  /** Every state it was seen in, one after the other. */
  states: { state: PodState; at: number }[];
}

export interface JobLife {
  name: string;
  /** What it is for: migration, contract, … */
  component: string;
  createdAt: number;
  endedAt?: number;
  /** Deleted: by the next upgrade, as a rule. */
  goneAt?: number;
  outcome?: "Complete" | "Failed";
  message?: string;
  /** What its migrator said, once it has ended. */
  log?: LogLine[];
}

export interface Timeline {
  pods: Map<string, PodLife>;
  jobs: Map<string, JobLife>;
}

export const emptyTimeline = (): Timeline => ({ pods: new Map(), jobs: new Map() });

export function seePod(timeline: Timeline, pod: V1Pod, at: number): void {
  const name = pod.metadata?.name ?? "";
  const labels = pod.metadata?.labels ?? {};
  const life: PodLife = timeline.pods.get(name) ?? {
    name,
    revision: labels["pod-template-hash"] ?? "",
    version: labels["app.kubernetes.io/version"] ?? "",
    createdAt: at,
    ready: false,
    states: [],
  };
  timeline.pods.set(name, life);
  const conditionReady =
    pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  if (pod.metadata?.deletionTimestamp) life.terminatingAt ??= at;
  if (conditionReady && life.terminatingAt === undefined) life.readyAt ??= at;
  life.ready = conditionReady && life.terminatingAt === undefined;
  const node = pod.spec?.nodeName;
  if (node) life.node = node;
  enter(life, stateOf(pod, life.readyAt !== undefined), at);
  const waiting = explainWaiting(pod);
  if (waiting) life.waiting = waiting;
  else delete life.waiting;
}

export function seePodGone(timeline: Timeline, pod: V1Pod, at: number): void {
  const life = timeline.pods.get(pod.metadata?.name ?? "");
  if (!life) return;
  life.terminatingAt ??= at;
  life.goneAt ??= at;
  life.ready = false;
  enter(life, "gone", at);
}

function enter(life: PodLife, state: PodState, at: number): void {
  if (life.states.at(-1)?.state !== state) life.states.push({ state, at });
}

export function seeJob(timeline: Timeline, job: V1Job, at: number): void {
  const name = job.metadata?.name ?? "";
  const component = job.metadata?.labels?.["app.kubernetes.io/component"] ?? "";
  const known = timeline.jobs.get(name);
  // A rollback creates a Job of the same name anew.
  const life: JobLife = known && known.goneAt === undefined ? known : { name, component, createdAt: at };
  timeline.jobs.set(name, life);
  const end = job.status?.conditions?.find(
    ({ type, status }) => status === "True" && (type === "Complete" || type === "Failed"),
  );
  if (!end || life.endedAt !== undefined) return;
  life.endedAt = at;
  life.outcome = end.type as "Complete" | "Failed";
  if (end.message) life.message = end.message;
}

export function seeJobGone(timeline: Timeline, job: V1Job, at: number): void {
  const life = timeline.jobs.get(job.metadata?.name ?? "");
  if (life) life.goneAt = at;
}

/** Pods that are there now, oldest first. */
export const livePods = (timeline: Timeline): PodLife[] =>
  [...timeline.pods.values()]
    .filter((pod) => pod.goneAt === undefined)
    .sort((a, b) => a.createdAt - b.createdAt);

function explainWaiting(pod: V1Pod): string | undefined {
  const states = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { name, state } of states) {
    const message = state?.waiting?.message ?? state?.terminated?.message;
    const reason =
      state?.waiting?.reason ??
      (state?.terminated?.exitCode ? `exit ${state.terminated.exitCode}` : undefined);
    if (reason && reason !== "PodInitializing" && reason !== "ContainerCreating") {
      return `${name}: ${reason}${message ? `, ${message.trim()}` : ""}`;
    }
  }
  return undefined;
}
