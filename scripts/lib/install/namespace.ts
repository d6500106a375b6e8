import { setTimeout as sleep } from "node:timers/promises";
import { apply, coreApi, kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";

const ours = { "app.kubernetes.io/managed-by": "schema-rollout" };

/** The namespaces we made, of those whose name begins so; with a selector, of those it selects. */
export async function ourNamespaces(cluster: Cluster, prefix: string, selector?: string): Promise<string[]> {
  const labelSelector = [
    "app.kubernetes.io/managed-by=schema-rollout",
    ...(selector ? [selector] : []),
  ].join();
  const { items } = await coreApi(cluster).listNamespace({ labelSelector });
  return items.map(({ metadata }) => metadata?.name ?? "").filter((name) => name.startsWith(prefix));
}

/** The namespace as it is, or a new one. */
export async function ensureNamespace(cluster: Cluster, name: string): Promise<void> {
  const { items } = await coreApi(cluster).listNamespace({ fieldSelector: `metadata.name=${name}` });
  if (items.length === 0) await createNamespace(cluster, name);
}

/** An empty namespace that admits restricted pods only. One that was there is removed, if it is ours. */
export async function freshNamespace(
  cluster: Cluster,
  name: string,
  labels: Record<string, string> = {},
): Promise<void> {
  await removeNamespace(cluster, name);
  await createNamespace(cluster, name, labels);
}

const createNamespace = (cluster: Cluster, name: string, labels: Record<string, string> = {}) =>
  apply(cluster, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { ...labels, ...ours, "pod-security.kubernetes.io/enforce": "restricted" } },
  });

/** Returns once it is gone. */
export async function removeNamespace(cluster: Cluster, name: string): Promise<void> {
  if (!(await isThereAndOurs(cluster, name))) return;
  // Nobody is served by what a former run left, so its pods need not drain. First what would replace them; then the
  // volumes with the pods, because a namespace that finds anything left looks again only after a while.
  await removeControllers(cluster, name);
  const all = ["-n", name, "delete", "--all"];
  await kubectl(cluster, [...all, "pods,persistentvolumeclaims", "--grace-period=1", "--timeout=60s"]);
  await kubectl(cluster, ["delete", "namespace", name, "--timeout=120s"]);
}

/** The same for whoever need not wait: the ports of nodes are free when this returns, the rest ends meanwhile. */
export async function leaveNamespace(cluster: Cluster, name: string): Promise<void> {
  if (!(await isThereAndOurs(cluster, name))) return;
  const all = ["-n", name, "delete", "--all"];
  await kubectl(cluster, [...all, "services"]);
  await removeControllers(cluster, name);
  await kubectl(cluster, [...all, "pods,persistentvolumeclaims", "--grace-period=1", "--wait=false"]);
  // Where somebody began before, it may be gone by now.
  await kubectl(cluster, ["delete", "namespace", name, "--wait=false", "--ignore-not-found"]);
}

/** Returns once nothing runs in it any more, whether or not it is gone. */
export async function nothingRunsIn(cluster: Cluster, name: string, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while ((await coreApi(cluster).listNamespacedPod({ namespace: name })).items.length > 0) {
    if (Date.now() > deadline)
      throw new Failure(`Pods of the namespace ${name}, which is being removed, do not end.`);
    await sleep(500);
  }
}

const removeControllers = (cluster: Cluster, name: string) =>
  kubectl(cluster, [
    ...["-n", name, "delete", "--all"],
    ...["deployments,replicasets,statefulsets,jobs", "--cascade=orphan"],
  ]);

async function isThereAndOurs(cluster: Cluster, name: string): Promise<boolean> {
  const found = (await coreApi(cluster).listNamespace({ fieldSelector: `metadata.name=${name}` })).items[0];
  if (!found) return false;
  if (found.metadata?.labels?.["app.kubernetes.io/managed-by"] === "schema-rollout") return true;
  throw new Failure(
    `The namespace ${name} of ${cluster.context} was not made by this project. Remove or rename it first.`,
  );
}
