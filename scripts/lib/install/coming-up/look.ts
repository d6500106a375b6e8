import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  type CoreV1Event,
  type V1Deployment,
  type V1Job,
  type V1PersistentVolumeClaim,
  type V1Pod,
  type V1ReplicaSet,
  type V1StatefulSet,
} from "@kubernetes/client-node";
import { kubeConfig } from "../../cluster/access.ts";
import type { Cluster } from "../../cluster/index.ts";

/** All of a namespace that can say why something does not come up. */
export interface Seen {
  deployments: V1Deployment[];
  replicaSets: V1ReplicaSet[];
  statefulSets: V1StatefulSet[];
  jobs: V1Job[];
  pods: V1Pod[];
  claims: V1PersistentVolumeClaim[];
  /** In the order they happened last. */
  events: CoreV1Event[];
}

/** Returns what is there each time it is called. */
export function looker(cluster: Cluster, namespace: string): () => Promise<Seen> {
  const config = kubeConfig(cluster);
  const apps = config.makeApiClient(AppsV1Api);
  const batch = config.makeApiClient(BatchV1Api);
  const core = config.makeApiClient(CoreV1Api);
  return async () => {
    const [deployments, replicaSets, statefulSets, jobs, pods, claims, events] = await Promise.all([
      apps.listNamespacedDeployment({ namespace }),
      apps.listNamespacedReplicaSet({ namespace }),
      apps.listNamespacedStatefulSet({ namespace }),
      batch.listNamespacedJob({ namespace }),
      core.listNamespacedPod({ namespace }),
      core.listNamespacedPersistentVolumeClaim({ namespace }),
      core.listNamespacedEvent({ namespace }),
    ]);
    const time = ({ lastTimestamp, eventTime, metadata }: CoreV1Event) =>
      (lastTimestamp ?? eventTime ?? metadata.creationTimestamp)?.getTime() ?? 0;
    return {
      deployments: deployments.items,
      replicaSets: replicaSets.items,
      statefulSets: statefulSets.items,
      jobs: jobs.items,
      pods: pods.items,
      claims: claims.items,
      events: events.items.sort((a, b) => time(a) - time(b)),
    };
  };
}
