import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { coreApi, helm, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import type { Cluster } from "@schema-rollout/scripts/lib/cluster/index.ts";
import { artifacts } from "@schema-rollout/scripts/lib/paths.ts";
import { saidBy } from "@schema-rollout/scripts/lib/shell.ts";
import { evidence } from "@schema-rollout/scripts/lib/tests/kept.ts";

/** Namespaces of the scenarios of this file, and what to do about a test that fails. */
const watched = new Map<string, Cluster>();

/** From now on a failing test leaves what there is to know of this namespace. */
export const watchForFailure = (cluster: Cluster, namespace: string) => watched.set(namespace, cluster);

/**
 * Keeps what can be looked into once the namespace is gone, and the next test of the file has sent its own load: objects,
 * events, the logs of all pods, and what the load wrote, in a folder of the test's own.
 */
export async function keepEvidence(test: string): Promise<void> {
  for (const [namespace, cluster] of watched) {
    const scenario = namespace.replace(/^e2e-/, "");
    const folder = join(evidence, `${scenario}.${inFileNames(test)}`);
    await mkdir(join(folder, "logs"), { recursive: true });
    const load = join(artifacts, "e2e", scenario);
    if (existsSync(load)) await cp(load, join(folder, "load"), { recursive: true });
    const keep = async (file: string, said: Promise<{ stdout: string }>) =>
      writeFile(join(folder, file), await said.then(({ stdout }) => stdout, saidBy));
    const ask = (...args: string[]) => kubectl(cluster, ["-n", namespace, ...args]);
    await keep("objects.txt", ask("get", "all,configmaps,pvc,pdb,endpointslices", "-o", "wide"));
    await keep("events.txt", ask("get", "events", "--sort-by=.metadata.creationTimestamp"));
    await keep("described.txt", ask("describe", "pods,jobs,deployments"));
    await keep("cluster.txt", kubectl(cluster, ["get", "nodes,pods", "-A", "-o", "wide"]));
    await keep(
      "cluster-events.txt",
      kubectl(cluster, ["-n", "kube-system", "get", "events", "--sort-by=.metadata.creationTimestamp"]),
    );
    await keep("helm-history.txt", helm(cluster, ["history", "blog", "-n", namespace]));
    const { items } = await coreApi(cluster).listNamespacedPod({ namespace });
    for (const { metadata, spec, status } of items) {
      const pod = metadata?.name ?? "";
      const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
      for (const { name } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
        await keep(`logs/${pod}.${name}.log`, ask("logs", pod, "-c", name, "--timestamps"));
        if (states.some((state) => state.name === name && state.restartCount > 0))
          await keep(`logs/${pod}.${name}.before.log`, ask("logs", pod, "-c", name, "--previous"));
      }
    }
  }
}

const inFileNames = (test: string) =>
  test
    .toLowerCase()
    .match(/[a-z0-9]+/g)
    ?.join("-")
    .slice(0, 40) ?? "test";
