import { setTimeout as sleep } from "node:timers/promises";
import { type Engine, ToolchainError } from "@schema-rollout/toolchain";
import { run } from "./run.ts";

export interface ClusterNode {
  name: string;
  address: string;
  podCidr: string;
}

const conflist = "/etc/cni/net.d/10-kind.conflist";

/**
 * Gives the nodes of a cluster without a CNI their pod network: what kindnet does on kind's own images, less
 * NetworkPolicy. Can be repeated, and has to be after nodes were stopped and started: routes do not survive that.
 */
export async function finishNetwork(options: { engine: Engine; cluster: string }): Promise<void> {
  const nodes = await addressedNodes(options);
  await Promise.all(
    nodes.map((node) =>
      run(options.engine.path, ["exec", "-i", node.name, "sh", "-eu"], {
        env: options.engine.env,
        input: networkScript(node, nodes),
      }),
    ),
  );
}

/** The commands that set one node up. */
export function networkScript(node: ClusterNode, all: readonly ClusterNode[]): string {
  const others = all.filter(({ name }) => name !== node.name);
  return [
    // Pods start once the network is there; those that want the API at once would find its Service without a rule
    // and restart. kube-proxy needs no pod network and is up in a second or two.
    "for _ in $(seq 100); do iptables -t nat -L KUBE-SERVICES >/dev/null 2>&1 && break; sleep 0.2; done",
    "mkdir -p /etc/cni/net.d",
    // kubelet takes any file it finds there, so it must never see half of one.
    `cat > ${conflist}.new <<'END'`,
    JSON.stringify(cniConfig(node.podCidr), undefined, 2),
    "END",
    `mv ${conflist}.new ${conflist}`,
    ...others.map(({ podCidr, address }) => `ip route replace ${podCidr} via ${address}`),
    "iptables -t nat -N SCHEMA-ROLLOUT-MASQ 2>/dev/null || iptables -t nat -F SCHEMA-ROLLOUT-MASQ",
    // Pods see each other's own addresses; towards anywhere else a pod has its node's.
    ...all.map(({ podCidr }) => `iptables -t nat -A SCHEMA-ROLLOUT-MASQ -d ${podCidr} -j RETURN`),
    `iptables -t nat -A SCHEMA-ROLLOUT-MASQ -s ${node.podCidr} -j MASQUERADE`,
    "iptables -t nat -C POSTROUTING -j SCHEMA-ROLLOUT-MASQ 2>/dev/null || iptables -t nat -A POSTROUTING -j SCHEMA-ROLLOUT-MASQ",
    "",
  ].join("\n");
}

function cniConfig(podCidr: string) {
  return {
    cniVersion: "0.4.0",
    name: "kind",
    plugins: [
      {
        type: "ptp",
        ipMasq: false,
        ipam: {
          type: "host-local",
          dataDir: "/run/cni-ipam-state",
          routes: [{ dst: "0.0.0.0/0" }],
          ranges: [[{ subnet: podCidr }]],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

/** Waits until the control plane has given every node its range of pod addresses. */
async function addressedNodes(options: { engine: Engine; cluster: string }): Promise<ClusterNode[]> {
  const until = Date.now() + 60_000;
  for (;;) {
    const nodes = await readNodes(options);
    const waiting = nodes.filter(({ podCidr, address }) => !podCidr || !address);
    if (nodes.length > 0 && waiting.length === 0) return nodes;
    if (Date.now() > until)
      throw new ToolchainError(
        `No pod addresses after a minute for ${waiting.map(({ name }) => name).join(", ") || "any node"} of cluster ${options.cluster}: delete it with \`kind delete cluster --name ${options.cluster}\` and create it again.`,
      );
    await sleep(300);
  }
}

async function readNodes({ engine, cluster }: { engine: Engine; cluster: string }): Promise<ClusterNode[]> {
  const kubectl = ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "get", "nodes", "-o", "json"];
  const text = await run(engine.path, ["exec", `${cluster}-control-plane`, ...kubectl], { env: engine.env });
  const { items } = JSON.parse(text) as { items: KubernetesNode[] };
  return items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    podCidr: spec?.podCIDR ?? "",
    address: status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "",
  }));
}

interface KubernetesNode {
  metadata: { name: string };
  spec?: { podCIDR?: string };
  status?: { addresses?: { type: string; address: string }[] };
}
