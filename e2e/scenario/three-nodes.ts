import { coreApi, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import type { Cluster } from "@schema-rollout/scripts/lib/cluster/index.ts";
import { kindTools } from "@schema-rollout/scripts/lib/cluster/kind.ts";
import { kindClusters, removeKindCluster } from "@schema-rollout/scripts/lib/cluster/kind-commands.ts";
import { type KindTarget, targetFrom } from "@schema-rollout/scripts/lib/cluster/target.ts";
import { sh } from "@schema-rollout/scripts/lib/shell.ts";
import { type Stage, setStage } from "@schema-rollout/scripts/lib/stage.ts";

/** A kind cluster of three nodes beside the one all scenarios share, for what happens to a node. */
export interface ThreeNodes {
  stage: Stage;
  /** Ends a node's container at once, as a power cut does. */
  kill(node: string): Promise<void>;
  remove(): Promise<void>;
}

export async function threeNodes(): Promise<ThreeNodes> {
  const target = targetOf();
  const here = await kindTools(target, () => {});
  // One that a run was killed over may miss a node.
  if ((await kindClusters(here)).includes(target.name)) await removeKindCluster(here);
  const { stage, steps } = setStage(target, ["v2", "v3"]);
  for (const { run } of steps) await run(console.log, () => {});
  const { cluster } = stage;
  // The control plane takes pods as well: with a node away, and the database's left alone, there is still one to go to.
  const controlPlane = "node-role.kubernetes.io/control-plane";
  await kubectl(cluster, ["taint", "nodes", "-l", controlPlane, `${controlPlane}-`]);
  const { items } = await coreApi(cluster).listNode();
  if (items.length !== 3 || items.some(({ spec }) => spec?.taints?.length))
    throw new Error(`three nodes that take pods were wanted; there are ${items.length}`);
  await spreadNames(cluster);
  return {
    stage,
    async kill(node) {
      const { path, env } = here.engine;
      await sh({ env: { ...process.env, ...env } })`${path} kill --signal KILL ${node}`;
    },
    remove: () => removeKindCluster(here),
  };
}

/**
 * Both CoreDNS pods begin on the control plane, the only node there was. Drained, it would take every name of the cluster
 * with it for seconds, and no service survives that; so one of them is elsewhere, as in any cluster that is drained for
 * maintenance.
 */
async function spreadNames(cluster: Cluster): Promise<void> {
  const apart = {
    labelSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    topologyKey: "kubernetes.io/hostname",
  };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [apart] } };
  const inSystem = ["-n", "kube-system"];
  const patch = JSON.stringify({ spec: { template: { spec: { affinity } } } });
  await kubectl(cluster, [...inSystem, "patch", "deployment/coredns", "--patch", patch]);
  await kubectl(cluster, [...inSystem, "rollout", "status", "deployment/coredns", "--timeout=120s"]);
}

/** Its name and ports follow from the shared one's. */
function targetOf(): KindTarget {
  const target = targetFrom(process.env);
  if (target.type !== "kind")
    throw new Error(
      "This scenario ends nodes, which it only does to a kind cluster of its own. Unset KUBE_CONTEXT.",
    );
  const { demo, e2e, beside } = target.ports;
  const ports = { demo: demo + 10, e2e: e2e + 10, beside: beside + 10 };
  return { type: "kind", name: `${target.name}-nodes`, nodes: 3, ports };
}
