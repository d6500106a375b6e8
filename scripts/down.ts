import { removeClusters } from "./lib/cluster/remove.ts";
import { type Target, targetFrom } from "./lib/cluster/target.ts";
import { saidBy } from "./lib/shell.ts";
import { verb } from "./lib/verb.ts";

/**
 * Removes what is ours: the kind cluster (or, on a cluster of yours, our namespaces). Results in
 * artifacts/ and the tools in the cache stay. Exits with 0 whatever could not be removed, so that it can stand in front of
 * anything; with 2 where it was asked wrongly.
 */
await verb(
  "down",
  async () => {
    try {
      await removeFrom(targetFrom(process.env));
    } catch (error) {
      console.error(`Not everything could be removed: ${saidBy(error)}`);
    }
    return 0;
  },
  { checks: [() => targetFrom(process.env)] },
);

async function removeFrom(target: Target): Promise<void> {
  if (target.type === "existing") {
    // Loaded only here: a kind cluster is removed without talking to it.
    const { existingCluster } = await import("./lib/cluster/existing.ts");
    const { ourNamespaces, removeNamespace } = await import("./lib/install/namespace.ts");
    const cluster = await existingCluster(target, console.log);
    for (const namespace of ["blog", ...(await ourNamespaces(cluster, ""))])
      await removeNamespace(cluster, namespace);
    console.log(`Removed our namespaces from ${target.context}.`);
    return;
  }
  await removeClusters(target.name, console.log);
}
