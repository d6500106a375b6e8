import {
  BatchV1Api,
  CoreV1Api,
  type Informer,
  type KubernetesObject,
  makeInformer,
  type V1Job,
  type V1Pod,
} from "@kubernetes/client-node";
import { kubeConfig, type Way } from "../cluster/access.ts";
import { Failure } from "../failure.ts";
import type { Service } from "./service.ts";
import {
  emptyTimeline,
  livePods,
  seeJob,
  seeJobGone,
  seePod,
  seePodGone,
  type Timeline,
} from "./timeline.ts";

export interface NamespaceWatch {
  timeline: Timeline;
  /** Resolves once `holds` is true of the timeline; fails with a sentence after the time given. */
  until(what: string, holds: (timeline: Timeline) => boolean, timeoutMs: number): Promise<void>;
  /** Lists the Jobs now, for a moment at which the watch may not have heard of the newest yet. */
  lookAtJobs(): Promise<void>;
  stop(): Promise<void>;
}

/** Follows the pods and Jobs of a service in one namespace. */
export async function watchService(
  cluster: Way,
  namespace: string,
  service: Pick<Service, "pods" | "jobs">,
  signal?: AbortSignal,
): Promise<NamespaceWatch> {
  const config = kubeConfig(cluster);
  const core = config.makeApiClient(CoreV1Api);
  const batch = config.makeApiClient(BatchV1Api);
  const timeline = emptyTimeline();
  const listeners = new Set<() => void>();
  const changed = () => listeners.forEach((listener) => void listener());
  let stopped = false;

  const pods = makeInformer<V1Pod>(
    config,
    `/api/v1/namespaces/${namespace}/pods`,
    () => core.listNamespacedPod({ namespace, labelSelector: service.pods }),
    service.pods,
  );
  const jobs = makeInformer<V1Job>(
    config,
    `/apis/batch/v1/namespaces/${namespace}/jobs`,
    () => batch.listNamespacedJob({ namespace, labelSelector: service.jobs }),
    service.jobs,
  );
  follow(
    pods,
    (pod) => seePod(timeline, pod, Date.now()),
    (pod) => seePodGone(timeline, pod, Date.now()),
  );
  follow(
    jobs,
    (job) => seeJob(timeline, job, Date.now()),
    (job) => seeJobGone(timeline, job, Date.now()),
  );

  function follow<T extends KubernetesObject>(
    informer: Informer<T>,
    seen: (object: T) => void,
    gone: (object: T) => void,
  ) {
    const then = (note: (object: T) => void) => (object: T) => {
      note(object);
      changed();
    };
    informer.on("add", then(seen));
    informer.on("update", then(seen));
    informer.on("delete", then(gone));
    // A watch ends now and then; starting again lists again, so nothing is missed. While the API server cannot be
    // reached we keep trying: whoever waits has a time limit and says what was last seen.
    const startAgain = () => {
      if (!stopped) setTimeout(() => void informer.start().catch(startAgain), 500);
    };
    informer.on("error", startAgain);
  }

  await pods.start();
  await jobs.start();
  return {
    timeline,
    until(what, holds, timeoutMs) {
      return new Promise((done, failed) => {
        const end = (error?: unknown) => {
          clearTimeout(timer);
          listeners.delete(check);
          signal?.removeEventListener("abort", aborted);
          if (error) failed(error);
          else done();
        };
        const check = () => holds(timeline) && end();
        const aborted = () => end(signal?.reason);
        const timer = setTimeout(
          () =>
            end(
              new Failure(`${what} took longer than ${timeoutMs / 1000} s. ${describe(timeline)}`, {
                code: 1,
              }),
            ),
          timeoutMs,
        );
        listeners.add(check);
        signal?.addEventListener("abort", aborted, { once: true });
        check();
      });
    },
    async lookAtJobs() {
      const { items } = await batch.listNamespacedJob({ namespace, labelSelector: service.jobs });
      for (const job of items) seeJob(timeline, job, Date.now());
    },
    async stop() {
      stopped = true;
      await Promise.all([pods.stop(), jobs.stop()]);
    },
  };
}

/** The state of things in one line, for messages. */
export function describe(timeline: Timeline): string {
  const pods = livePods(timeline).map(
    (pod) =>
      `${pod.version} ${pod.terminatingAt ? "terminating" : pod.ready ? "ready" : `not ready${pod.waiting ? ` (${pod.waiting})` : ""}`}`,
  );
  const jobs = [...timeline.jobs.values()].map(
    (job) => `${job.name} ${job.outcome ?? "running"}${job.message ? ` (${job.message})` : ""}`,
  );
  return `Pods: ${pods.join(", ") || "none"}. Jobs: ${jobs.join(", ") || "none"}.`;
}
