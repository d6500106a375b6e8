import { kubectl } from "../cluster/access.ts";
import type { Phase } from "../load/summary.ts";
import type { Say } from "../progress.ts";
import { type JobContext, jobEnd } from "./jobs.ts";
import { lastGoneAt, lastReadyAt, newPodsReady, oldPodsGone, oldPodsOf } from "./steps.ts";
import { type JobLife, livePods } from "./timeline.ts";
import type { NamespaceWatch } from "./watch.ts";

const minute = 60_000;

export interface Rollout {
  startedAt: number;
  /** When the last new pod was ready. */
  readyAt: number;
  /** When the last old pod was gone. */
  oldGoneAt: number;
}

export interface Upgrade extends Rollout {
  /** The Jobs that this upgrade brought. */
  job: JobLife | undefined;
  contractJob: JobLife | undefined;
  /** From this moment on new pods could start: the Job's end, or the order itself where no Job ran. */
  openedAt: number;
}

export interface RolloutContext extends JobContext {
  replicas: number;
}

/** `kubectl rollout restart`: what a rollout costs without any migration. */
export async function plainRestart(
  { cluster, namespace, watch, replicas }: RolloutContext,
  say: Say,
): Promise<Rollout> {
  const old = oldPodsOf(watch.timeline);
  const startedAt = Date.now();
  await kubectl(cluster, ["-n", namespace, "rollout", "restart", "deployment/blog"]);
  return finish(watch, old, replicas, startedAt, say);
}

/** What starts a rollout: `helm upgrade`, `helm rollback`, … Returns once the API server has the new objects. */
export type Order = () => Promise<unknown>;

/** Gives the order and follows it: the Job, if one runs, then the pods until the last old one is gone. */
export async function upgrade(context: RolloutContext, order: Order, say: Say): Promise<Upgrade> {
  const { watch, replicas } = context;
  const old = oldPodsOf(watch.timeline);
  const before = new Set(
    [...watch.timeline.jobs.values()].filter(({ goneAt }) => !goneAt).map(({ name }) => name),
  );
  const startedAt = Date.now();
  await order();
  // The order is over, so the Job exists or there will be none.
  await watch.lookAtJobs();
  await watch.until(
    "Seeing the new pods",
    (timeline) => livePods(timeline).some(({ name }) => !old.has(name)),
    minute,
  );
  const newJob = (component: string) =>
    [...watch.timeline.jobs.values()].find((job) => job.component === component && !before.has(job.name));
  const job = newJob("migration");
  if (job) {
    say(`Job ${job.name} migrates, new pods wait in the gate`);
    await jobEnd(context, job, { what: "The migration", timeoutMs: 10 * minute });
  }
  const rollout = await finish(watch, old, replicas, startedAt, say);
  return { ...rollout, job, contractJob: newJob("contract"), openedAt: job?.endedAt ?? startedAt };
}

async function finish(
  watch: NamespaceWatch,
  old: Set<string>,
  replicas: number,
  startedAt: number,
  say: Say,
): Promise<Rollout> {
  say("pods are being replaced");
  await watch.until("The rollout", (timeline) => newPodsReady(timeline, old, replicas), 5 * minute);
  say("the last old pods drain");
  await watch.until("The end of the last old pod", (timeline) => oldPodsGone(timeline, old), 3 * minute);
  return { startedAt, readyAt: lastReadyAt(watch.timeline, old), oldGoneAt: lastGoneAt(watch.timeline, old) };
}

export const phase = (name: Phase["name"], from: number, to: number): Phase => ({
  name,
  from,
  to,
  seconds: seconds(from, to),
});

/** Seconds between two times in ms, to a tenth. */
export const seconds = (from: number, to: number): number => Math.round((to - from) / 100) / 10;
