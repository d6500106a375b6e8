import { kubectl } from "../cluster/access.ts";
import { Failure } from "../failure.ts";
import type { Window } from "../load/statistics.ts";
import type { Phase } from "../load/summary.ts";
import type { Say } from "../progress.ts";
import { type JobContext, jobEnd } from "./jobs.ts";
import type { Service } from "./service.ts";
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
  service: Pick<Service, "deployment">;
  replicas: number;
}

/** `kubectl rollout restart`: what a rollout costs without any migration. */
export async function plainRestart(
  { cluster, namespace, service, watch, replicas }: RolloutContext,
  say: Say,
): Promise<Rollout> {
  const old = oldPodsOf(watch.timeline);
  const startedAt = Date.now();
  await kubectl(cluster, ["-n", namespace, "rollout", "restart", `deployment/${service.deployment}`]);
  return finish(watch, old, replicas, startedAt, say);
}

/** What starts a rollout: `helm upgrade`, `helm rollback`, … Returns once the API server has the new objects. */
export type Order = () => Promise<unknown>;

/** Gives the order and follows it: the Job, if one runs, then the pods until the last old one is gone. */
export async function upgrade(context: RolloutContext, order: Order, say: Say): Promise<Upgrade> {
  const { watch, replicas } = context;
  const old = oldPodsOf(watch.timeline);
  const { startedAt, newJob } = await give(order, watch);
  await watch.until(
    "Seeing the new pods",
    (timeline) => livePods(timeline).some(({ name }) => !old.has(name)),
    minute,
  );
  const job = newJob("migration");
  if (job) {
    say(`Job ${job.name} migrates, new pods wait in the gate`);
    await migrationEnd(context, job);
  }
  const rollout = await finish(watch, old, replicas, startedAt, say);
  return { ...rollout, job, contractJob: newJob("contract"), openedAt: job?.endedAt ?? startedAt };
}

/** Gives an order that brings a migration's Job and rolls nothing out, and follows the Job to its end. */
export async function migration(context: JobContext, order: Order, say: Say): Promise<Window> {
  const { startedAt, newJob } = await give(order, context.watch);
  const job = newJob("migration");
  if (!job) throw new Failure("No Job of a migration came with the order");
  say(`Job ${job.name} migrates, the old release serves alone`);
  await migrationEnd(context, job);
  return { from: startedAt, to: job.endedAt ?? Date.now() };
}

/** Once the order is over, the Jobs it brought exist, or there will be none. */
async function give(order: Order, watch: NamespaceWatch) {
  const jobs = () => [...watch.timeline.jobs.values()];
  const before = new Set(
    jobs()
      .filter(({ goneAt }) => !goneAt)
      .map(({ name }) => name),
  );
  const startedAt = Date.now();
  await order();
  await watch.lookAtJobs();
  const newJob = (component: string) =>
    jobs().find((job) => job.component === component && !before.has(job.name));
  return { startedAt, newJob };
}

const migrationEnd = (context: JobContext, job: JobLife) =>
  jobEnd(context, job, { what: "The migration", timeoutMs: 10 * minute });

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
