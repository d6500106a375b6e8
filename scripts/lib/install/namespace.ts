import { apply, coreApi, kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";

const ours = { "app.kubernetes.io/managed-by": "schema-rollout" };

/** An empty namespace that admits restricted pods only. One that was there is removed, if it is ours. */
export async function freshNamespace(cluster: Cluster, name: string): Promise<void> {
  await removeNamespace(cluster, name);
  await apply(cluster, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { ...ours, "pod-security.kubernetes.io/enforce": "restricted" } },
  });
}

export async function removeNamespace(cluster: Cluster, name: string): Promise<void> {
  const found = (await coreApi(cluster).listNamespace({ fieldSelector: `metadata.name=${name}` })).items[0];
  if (!found) return;
  if (found.metadata?.labels?.["app.kubernetes.io/managed-by"] !== "schema-rollout") {
    throw new Failure(
      `The namespace ${name} of ${cluster.context} was not made by this project. Remove or rename it first.`,
    );
  }
  // Nobody is served by what a former run left, so its pods need not drain.
  await kubectl(cluster, ["-n", name, "delete", "pods", "--all", "--grace-period=1", "--wait=false"]);
  await kubectl(cluster, ["delete", "namespace", name, "--timeout=120s"]);
}
