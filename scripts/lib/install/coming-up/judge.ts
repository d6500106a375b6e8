import type { V1Pod } from "@kubernetes/client-node";
import type { Fault } from "./fault.ts";
import type { Seen } from "./look.ts";
import {
  failed,
  jobAsOwner,
  newestOf,
  notMade,
  notProvided,
  replicaSetAsOwner,
  statefulSetAsOwner,
} from "./owners.ts";
import { faultsOf, type Patience } from "./pods.ts";

/** What is waited for. */
export type Awaited =
  | { deployment: string }
  /** By name. */
  | { job: string }
  /** All of one Helm release: what `helm --wait --wait-for-jobs` waits for. */
  | { release: string };

/** A Job that is over without success. Its own words say why. */
export interface FailedJob {
  job: string;
  message: string;
}

export interface Judgement {
  faults: Fault[];
  failedJob?: FailedJob;
}

/** What keeps it from coming up, of all that was seen in its namespace. */
export function judge(seen: Seen, awaited: Awaited, patience: Patience): Judgement {
  if ("deployment" in awaited) return ofDeployment(seen, awaited.deployment, patience);
  const isAwaited = ({ metadata }: { metadata?: { name?: string; labels?: Record<string, string> } }) =>
    "job" in awaited
      ? metadata?.name === awaited.job
      : metadata?.labels?.["app.kubernetes.io/instance"] === awaited.release;
  const jobs = seen.jobs.filter(isAwaited);
  const sets = "job" in awaited ? [] : seen.statefulSets.filter(isAwaited);
  const deployments = "job" in awaited ? [] : seen.deployments.filter(isAwaited);
  const newest = deployments.flatMap((each) => newestOf(each, seen.replicaSets) ?? []);
  const owners = [...jobs.map(jobAsOwner), ...sets.map(statefulSetAsOwner), ...newest.map(replicaSetAsOwner)];
  const uids = new Set(owners.map(({ metadata }) => metadata?.uid));
  const pods = seen.pods.filter((pod) => pod.metadata?.ownerReferences?.some(({ uid }) => uids.has(uid)));
  const faults = faultsOfAll(seen, pods, owners, patience);
  const over = jobs.flatMap((job) => {
    const message = failed(job);
    return message === undefined ? [] : [{ job: job.metadata?.name ?? "", message }];
  });
  return { faults, ...(over[0] && { failedJob: over[0] }) };
}

function ofDeployment(seen: Seen, name: string, patience: Patience): Judgement {
  const deployment = seen.deployments.find(({ metadata }) => metadata?.name === name);
  const newest = deployment && newestOf(deployment, seen.replicaSets);
  if (!newest) return { faults: [] };
  const pods = seen.pods.filter((pod) =>
    pod.metadata?.ownerReferences?.some(({ uid }) => uid === newest.metadata?.uid),
  );
  const faults = faultsOfAll(seen, pods, [replicaSetAsOwner(newest)], patience);
  const failedJob = pods.some(refusedByGate) ? failedMigration(seen, deployment) : undefined;
  return { faults, ...(failedJob && { failedJob }) };
}

/** A migration that failed is the end only of pods that wait for it: their gate says so by its own end. */
const refusedByGate = ({ status }: V1Pod): boolean =>
  status?.initContainerStatuses?.some(
    ({ state, lastState }) => (state?.terminated ?? lastState?.terminated)?.exitCode,
  ) ?? false;

function failedMigration({ jobs }: Seen, { metadata }: Seen["deployments"][number]): FailedJob | undefined {
  const instance = "app.kubernetes.io/instance";
  for (const job of jobs) {
    const labels = job.metadata?.labels ?? {};
    if (labels[instance] !== metadata?.labels?.[instance]) continue;
    const message = labels["app.kubernetes.io/component"] === "migration" ? failed(job) : undefined;
    if (message !== undefined) return { job: job.metadata?.name ?? "", message };
  }
  return undefined;
}

const faultsOfAll = (
  { claims, events }: Seen,
  pods: V1Pod[],
  owners: Parameters<typeof notMade>[0],
  patience: Patience,
): Fault[] => [
  // First, because the scheduler only says of it that it is missing.
  ...notProvided(claims, pods, events),
  ...notMade(owners, events),
  ...pods.flatMap((pod) => faultsOf(pod, events, patience)),
];
