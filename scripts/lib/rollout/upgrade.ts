import { kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import type { Images } from "../images/index.ts";
import { deployBlog } from "../install/blog.ts";
import type { Phase } from "../load/summary.ts";
import type { Say } from "../progress.ts";
import { lastGoneAt, lastReadyAt, newPodsReady, oldPodsGone, oldPodsOf } from "./steps.ts";
import { type JobLife, livePods, type Timeline } from "./timeline.ts";
import type { NamespaceWatch } from "./watch.ts";

const minutes = 60_000;

export interface Rollout {
  startedAt: number;
  /** When the last new pod was ready. */
  readyAt: number;
  /** When the last old pod was gone. */
  oldGoneAt: number;
}

export interface Upgrade extends Rollout {
  job: JobLife | undefined;
  /** From this moment on new pods could start: the Job's end, or the order itself where no Job ran. */
  openedAt: number;
}

export interface RolloutContext {
  cluster: Cluster;
  namespace: string;
  watch: NamespaceWatch;
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

/** `helm upgrade` to another release, followed until the last old pod is gone. */
export async function upgrade(
  context: RolloutContext,
  to: { release: string; images: Images; nodePort: number | undefined; helmArgs?: string[] },
  say: Say,
): Promise<Upgrade> {
  const { cluster, namespace, watch, replicas } = context;
  const old = oldPodsOf(watch.timeline);
  const before = new Set(watch.timeline.jobs.keys());
  const startedAt = Date.now();
  await deployBlog(cluster, { namespace, ...to });
  await watch.until(
    "Seeing the new pods",
    (timeline) => livePods(timeline).some(({ name }) => !old.has(name)),
    1 * minutes,
  );
  const job = await migrated(watch, before, say);
  const rollout = await finish(watch, old, replicas, startedAt, say);
  return { ...rollout, job, openedAt: job?.endedAt ?? startedAt };
}

async function migrated(watch: NamespaceWatch, before: Set<string>, say: Say): Promise<JobLife | undefined> {
  const newJob = (timeline: Timeline) => [...timeline.jobs.values()].find(({ name }) => !before.has(name));
  // The Job is created before the Deployment changes, so with the new pods in sight it is there, or there is none.
  const job = newJob(watch.timeline);
  if (!job) return undefined;
  say(`Job ${job.name} migrates, new pods wait in the gate`);
  await watch.until(`The Job ${job.name}`, () => job.endedAt !== undefined, 10 * minutes);
  if (job.outcome === "Failed")
    throw new Failure(`The migration failed: ${job.message ?? job.name}`, { code: 1 });
  return job;
}

async function finish(
  watch: NamespaceWatch,
  old: Set<string>,
  replicas: number,
  startedAt: number,
  say: Say,
): Promise<Rollout> {
  say("pods are being replaced");
  await watch.until("The rollout", (timeline) => newPodsReady(timeline, old, replicas), 5 * minutes);
  say("the last old pods drain");
  await watch.until("The end of the last old pod", (timeline) => oldPodsGone(timeline, old), 3 * minutes);
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
