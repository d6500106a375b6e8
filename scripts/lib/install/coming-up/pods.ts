import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import type { Fault } from "./fault.ts";
import { lastLine } from "./words.ts";

export interface Patience {
  /** How long a pod may find no node: longer where nodes are added on demand. */
  unschedulableMs: number;
}

/** What keeps a pod from being ready, as its status and its events say. Being slow is no fault. */
export function faultsOf(pod: V1Pod, events: readonly CoreV1Event[], patience: Patience): Fault[] {
  if (pod.metadata?.deletionTimestamp) return [];
  const own = events.filter(({ involvedObject }) => involvedObject.uid === pod.metadata?.uid);
  const statuses = [
    ...(pod.status?.initContainerStatuses ?? []).map((status) => ({ status, what: "init container" })),
    ...(pod.status?.containerStatuses ?? []).map((status) => ({ status, what: "container" })),
  ];
  const faults = statuses.flatMap(({ status, what }) => faultOf(pod, status, what) ?? []);
  if (faults.length > 0) return faults;
  return [...unschedulable(pod, patience), ...beforeContainers(pod, statuses, own)];
}

const nameOf = ({ metadata }: V1Pod): string => metadata?.name ?? "";

/** An answer that another try will not change, of a registry or of a node that cannot ask one. */
const definite =
  /not found|manifest unknown|denied|unauthorized|authentication required|forbidden|no such host|\[?(::1|127\.0\.0\.1)\]?:\d+: connect: connection refused/i;

function faultOf(pod: V1Pod, status: V1ContainerStatus, what: string): Fault | undefined {
  const { reason = "", message = "" } = status.state?.waiting ?? {};
  const key = `${nameOf(pod)}/${status.name}`;
  const fault = (afterMs: number, words: string, why = message): Fault => ({
    key: `${key} ${words}`,
    text: `pod ${nameOf(pod)}, ${what} ${status.name}: ${words}, ${reason}${why ? `: ${why.trim()}` : ""}`,
    final: { afterMs },
  });
  switch (reason) {
    case "InvalidImageName":
      return fault(0, `"${status.image}" is no name of an image`);
    case "ErrImageNeverPull":
      return fault(0, `the node does not have the image ${status.image}, and may not pull it`);
    case "ErrImagePull":
    case "ImagePullBackOff":
    case "ImageInspectError":
    case "RegistryUnavailable":
      // One that may pass gets its second try, which the kubelet makes after 10 s.
      return fault(definite.test(message) ? 3_000 : 20_000, `the image ${status.image} cannot be pulled`);
    case "CreateContainerConfigError":
      // A Secret may be made by somebody else, a moment later.
      return fault(8_000, "its configuration is incomplete");
    case "CreateContainerError":
    case "RunContainerError":
    case "PreStartHookError":
      return fault(8_000, "it cannot be started");
  }
  return crash(pod, status, what, key);
}

/** A first crash may have had a reason that is over; of two, nobody expects the third start to go well. */
function crash(pod: V1Pod, status: V1ContainerStatus, what: string, key: string): Fault | undefined {
  if (pod.spec?.restartPolicy === "Never") return undefined;
  const { state, lastState } = status;
  const ended =
    state?.terminated ?? (state?.waiting?.reason === "CrashLoopBackOff" ? lastState?.terminated : undefined);
  if (!ended?.finishedAt || (what === "init container" && ended.exitCode === 0)) return undefined;
  const limit = pod.spec?.containers.find(({ name }) => name === status.name)?.resources?.limits?.memory;
  const how =
    ended.reason === "OOMKilled"
      ? `was killed for its memory (OOMKilled${limit ? `, limit ${limit}` : ""})`
      : `ended with exit code ${ended.exitCode}${ended.signal ? `, signal ${ended.signal}` : ""}`;
  const said = lastLine(ended.message ?? "");
  return {
    key: `${key} crash`,
    text: `pod ${nameOf(pod)}, ${what} ${status.name}: ${how} and is started again and again${said ? `: ${said}` : ""}`,
    final: { times: 2, at: ended.finishedAt },
    ...(!said && { log: { name: nameOf(pod), container: status.name, previous: !state?.terminated } }),
  };
}

function unschedulable(pod: V1Pod, { unschedulableMs }: Patience): Fault[] {
  const condition = pod.status?.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (condition?.reason !== "Unschedulable") return [];
  const text = `pod ${nameOf(pod)}: no node takes it, Unschedulable: ${condition.message ?? ""}`;
  return [{ key: `${nameOf(pod)} unschedulable`, text, final: { afterMs: unschedulableMs } }];
}

/** A volume, or the sandbox itself: only an event tells, the containers are being created all the while. */
function beforeContainers(
  pod: V1Pod,
  statuses: { status: V1ContainerStatus }[],
  own: CoreV1Event[],
): Fault[] {
  if (statuses.some(({ status }) => status.state?.running ?? status.state?.terminated)) return [];
  const waits = { FailedMount: 10_000, FailedAttachVolume: 60_000, FailedCreatePodSandBox: 30_000 };
  // Once images are asked for, what came before is done.
  const since = own.findLastIndex(({ reason = "" }) => /^(Pulling|Pulled|Created|Started)$/.test(reason));
  return own.slice(since + 1).flatMap(({ reason = "", message = "" }) => {
    const afterMs = waits[reason as keyof typeof waits];
    if (afterMs === undefined) return [];
    return [
      {
        key: `${nameOf(pod)} ${reason}`,
        text: `pod ${nameOf(pod)}: ${reason}: ${message}`,
        final: { afterMs },
      },
    ];
  });
}
