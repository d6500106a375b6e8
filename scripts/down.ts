import { rm } from "node:fs/promises";
import { findEngine } from "@schema-rollout/toolchain";
import { existingCluster } from "./lib/cluster/existing.ts";
import { kindTools } from "./lib/cluster/kind.ts";
import { kindClusters, removeKindCluster } from "./lib/cluster/kind-commands.ts";
import { type Target, targetFrom } from "./lib/cluster/target.ts";
import { ourNamespaces, removeNamespace } from "./lib/install/namespace.ts";
import { saidBy } from "./lib/shell.ts";
import { verb } from "./lib/verb.ts";

/**
 * Removes what is ours: the kind cluster (or, on a cluster of yours, our namespaces). Results in
 * artifacts/ and the tools in the cache stay. Always exits with 0, so that it can stand in front of anything.
 */
await verb(async () => {
  try {
    await removeFrom(targetFrom(process.env));
  } catch (error) {
    console.error(`Not everything could be removed: ${saidBy(error)}`);
  }
  return 0;
});

async function removeFrom(target: Target): Promise<void> {
  if (target.type === "existing") {
    const cluster = await existingCluster(target, console.log);
    for (const namespace of ["blog", ...(await ourNamespaces(cluster, ""))])
      await removeNamespace(cluster, namespace);
    console.log(`Removed our namespaces from ${target.context}.`);
    return;
  }
  // Without an engine there is no cluster of ours, and no reason to install one.
  if (!(await findEngine())) return console.log("Nothing to remove.");
  // The second is that of scenarios that end nodes; they remove it, unless they are killed.
  for (const name of [target.name, `${target.name}-nodes`]) {
    const here = await kindTools({ ...target, name }, console.log);
    if (!(await kindClusters(here)).includes(name)) {
      if (name === target.name) console.log("Nothing to remove.");
      continue;
    }
    await removeKindCluster(here);
    await rm(here.kubeconfig, { force: true });
    console.log(`Removed the cluster ${name}.`);
  }
}
