import type {
  V1ContainerState,
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Pod,
  V1PodStatus,
} from "@kubernetes/client-node";
import { type Also, answer } from "./api-server.ts";

/** A pod of a Job, as the API server writes it within a list. */
export function pod(
  name: string,
  status: V1PodStatus,
  { job = "migrate", uid, created = "10:00:00" }: { job?: string; uid?: string; created?: string } = {},
) {
  return {
    metadata: {
      name,
      namespace: "default",
      creationTimestamp: at(created),
      labels: { "batch.kubernetes.io/job-name": job },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: job, uid: uid ?? `${job}-uid` }],
    },
    status,
  };
}

/** A time of one day. */
export const at = (time: string) => new Date(`2026-01-01T${time}Z`);

export const container = (
  state: V1ContainerState,
  { name = "migrator", lastState = {} }: { name?: string; lastState?: V1ContainerState } = {},
): V1ContainerStatus => ({ name, state, lastState, restartCount: 0, ready: false, image: "", imageID: "" });

/** A container that ended with this code. */
export const ended = (
  exitCode: number,
  { name, ...more }: Partial<V1ContainerStateTerminated> & { name?: string } = {},
) => container({ terminated: { exitCode, reason: "Error", ...more } }, name === undefined ? {} : { name });

export interface Pods {
  items: Pick<V1Pod, "metadata" | "status">[];
  /** By `pod/container`, and `pod/container/previous`. */
  logs: Record<string, string>;
  /** Status to refuse with. */
  refuse: { pods?: number; logs?: number };
  /** Paths that were asked for, with their query. */
  asked: string[];
  /** Never answer. */
  silent: boolean;
  /** Sends whole logs, whatever was asked for. */
  unlimited: boolean;
}

export const NO_PODS: Pods = { items: [], logs: {}, refuse: {}, asked: [], silent: false, unlimited: false };

/** Pods and their logs, the way the gate asks for them. */
export function servePods(pods: Pods): Also {
  return (incoming, response) => {
    const url = new URL(incoming.url ?? "/", "http://api");
    const path = /^\/api\/v1\/namespaces\/default\/pods(?:\/([^/]+)\/log)?$/.exec(url.pathname);
    if (path === null) return false;
    pods.asked.push(`${url.pathname}${url.search}`);
    if (pods.silent) return true;
    const name = path[1];
    const refused = name === undefined ? pods.refuse.pods : pods.refuse.logs;
    if (refused !== undefined) {
      const message = `pods "${name ?? ""}" is forbidden`;
      answer(response, refused, { kind: "Status", apiVersion: "v1", code: refused, message });
    } else if (name === undefined) {
      const job = url.searchParams.get("labelSelector")?.split("=")[1];
      const items = pods.items.filter(
        ({ metadata }) => metadata?.labels?.["batch.kubernetes.io/job-name"] === job,
      );
      answer(response, 200, { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items });
    } else {
      const previous = url.searchParams.get("previous") === "true" ? "/previous" : "";
      const lines = (pods.logs[`${name}/${url.searchParams.get("container")}${previous}`] ?? "").split("\n");
      const tail = lines.slice(-1 - Number(url.searchParams.get("tailLines"))).join("\n");
      response.writeHead(200, { "content-type": "text/plain" });
      response.end(pods.unlimited ? tail : tail.slice(0, Number(url.searchParams.get("limitBytes"))));
    }
    return true;
  };
}
