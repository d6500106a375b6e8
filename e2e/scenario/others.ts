import type { Cluster } from "@schema-rollout/scripts/lib/cluster/index.ts";
import {
  leaveNamespace,
  nothingRunsIn,
  ourNamespaces,
} from "@schema-rollout/scripts/lib/install/namespace.ts";
import { dropDatabases, isShared } from "@schema-rollout/scripts/lib/install/shared-database.ts";
import type { Lane } from "./lane.ts";

/**
 * Ends what other scenarios and cells of the lab have left, also those of a run that was killed, and not what runs in
 * another lane. The lane's NodePort is free when this returns; the function it returns waits until nothing of theirs runs
 * any more, so that a scenario can be installed meanwhile, and is not measured beside them. What was left under `own`, the
 * caller's namespace, is the caller's to replace.
 */
export async function leaveOthers(cluster: Cluster, lane: Lane, own: string): Promise<() => Promise<void>> {
  const left = [
    ...(await ourNamespaces(cluster, "e2e-", lane.own)),
    ...(await ourNamespaces(cluster, "lab-")),
  ];
  const others = left.filter((name) => name !== own);
  for (const other of others) await leaveNamespace(cluster, other);
  return async () => {
    for (const other of others) await nothingRunsIn(cluster, other);
    if (others.length > 0 && (await isShared(cluster))) await dropDatabases(cluster, others);
  };
}
