import { oneLine, record } from "../job.ts";
import type { Wanted } from "../watch/slim.ts";

const STATE_FIELDS: Wanted = {
  waiting: { reason: "all", message: "all" },
  running: {},
  terminated: { exitCode: "all", reason: "all", message: "all", finishedAt: "all" },
};
const CONTAINER_FIELDS: Wanted = { name: "all", state: STATE_FIELDS, lastState: STATE_FIELDS };

/** What is read of a pod. */
export const POD_FIELDS: Wanted = {
  metadata: { name: "all", creationTimestamp: "all", ownerReferences: { uid: "all" } },
  status: {
    phase: "all",
    reason: "all",
    message: "all",
    conditions: { type: "all", status: "all", reason: "all", message: "all" },
    initContainerStatuses: CONTAINER_FIELDS,
    containerStatuses: CONTAINER_FIELDS,
  },
};

/** What one pod of a Job tells of itself. Foreign text in it is neither redacted nor bounded yet. */
export interface PodFacts {
  readonly name: string;
  /** Whether this is a reason for the Job not to have ended well. */
  readonly trouble: boolean;
  readonly says: string;
  /** The container whose log tells more; `previous`: the log of the one before its restart. */
  readonly log?: { readonly container: string; readonly previous: boolean } | undefined;
  /** What that container left as its termination message. */
  readonly left?: string | undefined;
}

/** The pod that tells most: the newest in trouble, else the newest; only of this very Job, not of an earlier one. */
export function choosePod(items: readonly unknown[], jobUid: string): PodFacts | undefined {
  const pods = items
    .map(record)
    .filter((pod) => pod !== undefined)
    .filter((pod) => ownedBy(pod, jobUid))
    .sort((a, b) => createdAt(b).localeCompare(createdAt(a)))
    .map(readPod)
    .filter((pod) => pod !== undefined);
  return pods.find(({ trouble }) => trouble) ?? pods[0];
}

type Fields = Record<string, unknown>;

function readPod(pod: Fields): PodFacts | undefined {
  const name = record(pod.metadata)?.name;
  // It becomes part of a path.
  if (typeof name !== "string" || !/^[a-z0-9][-.a-z0-9]{0,252}$/.test(name)) return undefined;
  const status = record(pod.status) ?? {};
  const containers = [...list(status.initContainerStatuses), ...list(status.containerStatuses)];
  return { name, ...(inTrouble(status, containers) ?? atWork(status, containers)) };
}

type Told = Omit<PodFacts, "name">;

function inTrouble(status: Fields, containers: readonly Fields[]): Told | undefined {
  const failed = firstFailed(containers);
  if (failed) return failed;
  const waiting = containers.find((one) => {
    const reason = record(record(one.state)?.waiting)?.reason;
    return typeof reason === "string" && !STARTING.has(reason);
  });
  if (waiting) return waits(waiting, true);
  const scheduled = list(status.conditions).find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return { trouble: true, says: `not scheduled: ${why(scheduled)}` };
  // Evicted, or refused by its node, before a container could tell anything.
  if (status.phase === "Failed") return { trouble: true, says: `failed: ${why(status)}` };
  return undefined;
}

/** What every container passes through on its way. */
const STARTING = new Set(["ContainerCreating", "PodInitializing"]);

/** The one that ended first: the others may have been ended because of it. */
function firstFailed(containers: readonly Fields[]): Told | undefined {
  const ended = containers
    .map((one) => ({ one, how: record(record(one.state)?.terminated) }))
    .filter(({ how }) => how !== undefined && how.exitCode !== 0)
    .sort((a, b) => String(a.how?.finishedAt).localeCompare(String(b.how?.finishedAt)));
  const [first] = ended;
  if (first === undefined) return undefined;
  const reason = oneLine(first.how?.reason);
  const code = `exit code ${Number(first.how?.exitCode)}${reason ? ` (${reason})` : ""}`;
  return {
    trouble: true,
    says: `container ${nameOf(first.one)} ended with ${code}`,
    ...logOf(first.one, false),
    left: message(first.how),
  };
}

function waits(container: Fields, trouble: boolean): Told {
  const before = record(record(container.lastState)?.terminated);
  const says = `container ${nameOf(container)} waits: ${why(record(record(container.state)?.waiting))}`;
  // A container that is restarted has told why before; one that never ran has no log.
  return before === undefined
    ? { trouble, says }
    : { trouble, says, ...logOf(container, true), left: message(before) };
}

function atWork(status: Fields, containers: readonly Fields[]): Told {
  const running = containers.find((one) => record(one.state)?.running !== undefined);
  if (running) {
    return { trouble: false, says: `container ${nameOf(running)} is running`, ...logOf(running, false) };
  }
  const waiting = containers.find((one) => record(one.state)?.waiting !== undefined);
  if (waiting) return waits(waiting, false);
  return { trouble: false, says: `phase ${oneLine(status.phase) || "unknown"}` };
}

const ownedBy = (pod: Fields, uid: string) =>
  list(record(pod.metadata)?.ownerReferences).some((owner) => owner.uid === uid);
const createdAt = (pod: Fields) => String(record(pod.metadata)?.creationTimestamp ?? "");
const list = (value: unknown): Fields[] =>
  Array.isArray(value) ? value.map(record).filter((one) => one !== undefined) : [];
const nameOf = (container: Fields) => oneLine(container.name);
const message = (how: Fields | undefined) => (typeof how?.message === "string" ? how.message : undefined);
const logOf = (container: Fields, previous: boolean) => ({ log: { container: nameOf(container), previous } });

function why(how: Fields | undefined): string {
  const reason = oneLine(how?.reason);
  const more = oneLine(how?.message);
  return reason && more ? `${reason} (${more})` : reason || more || "no reason given";
}
