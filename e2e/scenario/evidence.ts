import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { coreApi, helm, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import type { Cluster } from "@schema-rollout/scripts/lib/cluster/index.ts";
import { artifacts, root } from "@schema-rollout/scripts/lib/paths.ts";
import { saidBy } from "@schema-rollout/scripts/lib/shell.ts";
import { keptEvidence } from "@schema-rollout/scripts/lib/tests/kept.ts";

/** Namespaces of the scenarios of this file, and what to do about a test that fails. */
const watched = new Map<string, Cluster>();

/** From now on a failing test leaves what there is to know of this namespace. */
export const watchForFailure = (cluster: Cluster, namespace: string) => watched.set(namespace, cluster);

/** Keeps what can be looked into once the namespace is gone: objects, events, and the logs of all pods. */
export async function keepEvidence(): Promise<void> {
  for (const [namespace, cluster] of watched) {
    const folder = join(artifacts, "e2e", namespace.replace(/^e2e-/, ""), "failure");
    await mkdir(join(folder, "logs"), { recursive: true });
    const keep = async (file: string, said: Promise<{ stdout: string }>) =>
      writeFile(join(folder, file), await said.then(({ stdout }) => stdout, saidBy));
    const ask = (...args: string[]) => kubectl(cluster, ["-n", namespace, ...args]);
    await keep("objects.txt", ask("get", "all,configmaps,pvc,pdb,endpointslices", "-o", "wide"));
    await keep("events.txt", ask("get", "events", "--sort-by=.metadata.creationTimestamp"));
    await keep("described.txt", ask("describe", "pods,jobs,deployments"));
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
    await mkdir(join(keptEvidence, ".."), { recursive: true });
    await appendFile(keptEvidence, `${relative(root, folder)}\n`);
  }
}
