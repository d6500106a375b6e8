import {
  AppsV1Api,
  CoreV1Api,
  type KubeConfig,
  type V1Deployment,
  type V1Pod,
  type V1ReplicaSet,
} from "@kubernetes/client-node";
import type { ReplicaSetFacts } from "../model/state.ts";
import { follow } from "./objects.ts";

/** A pod of a Job's migrator. */
export interface JobPod {
  name: string;
  job: string;
  /** Tells a Job from an earlier one of the same name. */
  jobUid: string;
  createdAt: number;
  /** It has a log. */
  started: boolean;
  /** Its log has an end. */
  ended: boolean;
}

/** What the timeline of web pods and Jobs does not have: what wants the pods, and the pods of the Jobs. */
export interface Workload {
  deployment: { name: string; wanted: number } | undefined;
  replicaSets: Map<string, ReplicaSetFacts>;
  jobPods: Map<string, JobPod>;
  stop(): Promise<void>;
}

export function followWorkload(config: KubeConfig, namespace: string, lost: () => void): Workload {
  const apps = config.makeApiClient(AppsV1Api);
  const core = config.makeApiClient(CoreV1Api);
  const instance = "app.kubernetes.io/instance=blog";
  const web = `${instance},app.kubernetes.io/component=web`;
  const ofJobs = `${instance},batch.kubernetes.io/job-name`;
  const replicaSets = new Map<string, ReplicaSetFacts>();
  const jobPods = new Map<string, JobPod>();
  const stops = [
    follow<V1Deployment>(
      config,
      {
        path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
        labelSelector: web,
        list: () => apps.listNamespacedDeployment({ namespace, labelSelector: web }),
        seen({ metadata, spec }) {
          workload.deployment = { name: metadata?.name ?? "", wanted: spec?.replicas ?? 1 };
        },
        gone() {
          workload.deployment = undefined;
        },
      },
      lost,
    ),
    follow<V1ReplicaSet>(
      config,
      {
        path: `/apis/apps/v1/namespaces/${namespace}/replicasets`,
        labelSelector: web,
        list: () => apps.listNamespacedReplicaSet({ namespace, labelSelector: web }),
        seen: (set) => void replicaSets.set(hashOf(set), factsOf(set)),
        gone: (set) => void replicaSets.delete(hashOf(set)),
      },
      lost,
    ),
    follow<V1Pod>(
      config,
      {
        path: `/api/v1/namespaces/${namespace}/pods`,
        labelSelector: ofJobs,
        list: () => core.listNamespacedPod({ namespace, labelSelector: ofJobs }),
        seen(pod) {
          const known = migratorPod(pod);
          if (known) jobPods.set(known.name, known);
        },
        gone: ({ metadata }) => void jobPods.delete(metadata?.name ?? ""),
      },
      lost,
    ),
  ];
  const workload: Workload = {
    deployment: undefined,
    replicaSets,
    jobPods,
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
  return workload;
}

const hashOf = ({ metadata }: V1ReplicaSet): string => metadata?.labels?.["pod-template-hash"] ?? "";

const factsOf = ({ metadata, spec }: V1ReplicaSet): ReplicaSetFacts => ({
  name: metadata?.name ?? "",
  revision: Number(metadata?.annotations?.["deployment.kubernetes.io/revision"] ?? 0),
  wanted: spec?.replicas ?? 0,
});

export const migratorContainer = "migrator";

function migratorPod({ metadata, status }: V1Pod): JobPod | undefined {
  const container = status?.containerStatuses?.find(({ name }) => name === migratorContainer);
  if (!container) return undefined;
  return {
    name: metadata?.name ?? "",
    job: metadata?.labels?.["batch.kubernetes.io/job-name"] ?? "",
    jobUid: metadata?.labels?.["batch.kubernetes.io/controller-uid"] ?? "",
    // From a watch it is text, from a list a Date.
    createdAt: new Date(metadata?.creationTimestamp ?? 0).getTime(),
    started: Boolean(container.state?.running ?? container.state?.terminated),
    ended: container.state?.terminated !== undefined,
  };
}
