import type {
  CoreV1Event,
  V1Deployment,
  V1Job,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ReplicaSet,
  V1StatefulSet,
} from "@kubernetes/client-node";
import type { Fault } from "./fault.ts";

/** What makes pods, and has fewer than it should. */
interface Owner {
  metadata?: { uid?: string; name?: string };
  kind: string;
  short: boolean;
}

export const replicaSetAsOwner = ({ metadata, spec, status }: V1ReplicaSet): Owner => ({
  ...(metadata && { metadata }),
  kind: "ReplicaSet",
  short: (status?.replicas ?? 0) < (spec?.replicas ?? 1),
});

export const statefulSetAsOwner = ({ metadata, spec, status }: V1StatefulSet): Owner => ({
  ...(metadata && { metadata }),
  kind: "StatefulSet",
  short: (status?.replicas ?? 0) < (spec?.replicas ?? 1),
});

export const jobAsOwner = ({ metadata, status }: V1Job): Owner => ({
  ...(metadata && { metadata }),
  kind: "Job",
  short: !status?.active && !status?.succeeded && !status?.failed,
});

/** The pods that are not made at all: a quota, an admission rule, an account that is missing. Only events tell. */
export const notMade = (owners: readonly Owner[], events: readonly CoreV1Event[]): Fault[] =>
  owners
    .filter(({ short }) => short)
    .flatMap(({ kind, metadata }) => {
      const event = events.findLast(
        ({ reason, involvedObject }) => reason === "FailedCreate" && involvedObject.uid === metadata?.uid,
      );
      if (!event) return [];
      const message = event.message?.replace("(combined from similar events): ", "") ?? "";
      const text = `${kind} ${metadata?.name}: its pods are not made, FailedCreate: ${message}`;
      // A quota may be full of pods that are ending, an account be made by somebody else.
      return [{ key: `${kind} ${metadata?.name} FailedCreate`, text, final: { afterMs: 10_000 } }];
    });

/** A volume that nobody provides, of a pod that waits for it. */
export function notProvided(
  claims: readonly V1PersistentVolumeClaim[],
  pods: readonly V1Pod[],
  events: readonly CoreV1Event[],
): Fault[] {
  const wanted = new Set(
    pods.flatMap(
      ({ spec }) => spec?.volumes?.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []) ?? [],
    ),
  );
  return claims.flatMap(({ metadata, status, spec }) => {
    const name = metadata?.name ?? "";
    if (!wanted.has(name) || status?.phase !== "Pending") return [];
    const event = events.findLast(
      ({ type, involvedObject }) => type === "Warning" && involvedObject.uid === metadata?.uid,
    );
    if (!event) return [];
    const of = spec?.storageClassName ? ` of the storage class ${spec.storageClassName}` : "";
    const text = `volume claim ${name}${of} is pending, ${event.reason}: ${event.message ?? ""}`;
    return [{ key: `claim ${name} ${event.reason}`, text, final: { afterMs: 15_000 } }];
  });
}

/** Pods of the revision that is being rolled out; of an earlier one they may be broken and on their way out. */
export function newestOf(deployment: V1Deployment, sets: readonly V1ReplicaSet[]): V1ReplicaSet | undefined {
  const { metadata, status } = deployment;
  // What was ordered last has not been looked at yet.
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0)) return undefined;
  const revision = "deployment.kubernetes.io/revision";
  return sets.find(
    (set) =>
      set.metadata?.ownerReferences?.some(({ uid }) => uid === metadata?.uid) &&
      set.metadata.annotations?.[revision] === metadata?.annotations?.[revision],
  );
}

export const failed = (job: V1Job): string | undefined => {
  if (job.metadata?.deletionTimestamp) return undefined;
  const condition = job.status?.conditions?.find(
    ({ type, status }) => type === "Failed" && status === "True",
  );
  return condition && (condition.message ?? condition.reason ?? "Failed");
};
