import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { sh } from "../shell.ts";
import type { Cluster } from "./index.ts";

/** All that it takes to talk to a cluster. */
export type Way = Pick<Cluster, "kubeconfig" | "context">;

/** The API client's configuration for one cluster. */
export function kubeConfig(cluster: Way): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  config.setCurrentContext(cluster.context);
  return config;
}

export const coreApi = (cluster: Cluster): CoreV1Api => kubeConfig(cluster).makeApiClient(CoreV1Api);

/*
 * Both give way to others (nice): with kind they share the processors with the cluster, and what is measured there must
 * not suffer from what would run on a pipeline's machine.
 */

/** What goes to a command's standard input, and what ends it. */
interface Fed {
  input?: string | undefined;
  signal?: AbortSignal;
}

/** Runs kubectl against the cluster; `input` goes to its standard input. */
export const kubectl = (cluster: Cluster, args: string[], input?: string, signal?: AbortSignal) =>
  fed({
    input,
    ...(signal && { signal }),
  })`nice -n 10 ${cluster.kubectl} --kubeconfig ${cluster.kubeconfig} --context ${cluster.context} ${args}`;

/** Runs helm against the cluster. */
export const helm = (cluster: Cluster, args: string[], input?: string, signal?: AbortSignal) =>
  fed({
    input,
    ...(signal && { signal }),
  })`nice -n 10 ${cluster.helm} --kubeconfig ${cluster.kubeconfig} --kube-context ${cluster.context} ${args}`;

const fed = ({ input, signal }: Fed) =>
  sh({
    ...(input !== undefined && { input, stdio: ["pipe", "pipe", "pipe"] }),
    ...(signal && { signal }),
  });

/** Creates or updates objects. */
export const apply = (cluster: Cluster, ...objects: object[]) =>
  kubectl(cluster, ["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
