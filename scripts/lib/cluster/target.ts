import { usage } from "../failure.ts";
import { valuesOf } from "../settings/read.ts";

/** A cluster of our own, made with kind. */
export interface KindTarget {
  type: "kind";
  name: string;
  /** 1: one node does everything; more: one control plane and workers. */
  nodes: number;
  /** Ports of this machine (127.0.0.1) that lead to the demo's blog, the tests', and that of tests which run beside those. */
  ports: { demo: number; e2e: number; beside: number };
}

/** A cluster that is already there. */
export interface ExistingTarget {
  type: "existing";
  context: string;
  /** Images are pushed here; the cluster must be able to pull from it. */
  registry: string;
  /** Where the blog will answer, e.g. http://node.example:30080 */
  url: string;
  /** The port of every node that leads there; undefined leaves the way to the blog to the user. */
  nodePort: number | undefined;
}

export type Target = KindTarget | ExistingTarget;

/** NodePorts behind the host ports. */
export const nodePorts = { demo: 30080, e2e: 30081, beside: 30082 } as const;

const names = [
  ...(["KUBE_CONTEXT", "REGISTRY", "URL", "NODE_PORT"] as const),
  ...(["CLUSTER", "NODES", "PORT", "E2E_PORT"] as const),
];

/** Reads which cluster to use from the environment, and says everything that is wrong at once. */
export function targetFrom(env: NodeJS.ProcessEnv): Target {
  const { KUBE_CONTEXT, REGISTRY, URL, NODE_PORT, CLUSTER, NODES, PORT, E2E_PORT } = {
    ...{ CLUSTER: "schema-rollout", NODES: 1, PORT: 8080, E2E_PORT: 8081 },
    ...valuesOf(env, names),
  };
  if (!KUBE_CONTEXT) {
    const ports = { demo: PORT, e2e: E2E_PORT, beside: E2E_PORT + 1 };
    if (PORT === ports.e2e || PORT === ports.beside)
      throw usage(
        `PORT=${PORT} must differ from the tests' ports, ${ports.e2e} and ${ports.beside} (E2E_PORT).`,
      );
    return { type: "kind", name: CLUSTER, nodes: NODES, ports };
  }
  const missing = [
    REGISTRY ? "" : "REGISTRY (images are pushed there)",
    URL ? "" : "URL (where the blog answers)",
  ].filter(Boolean);
  if (!REGISTRY || !URL)
    throw usage(`With KUBE_CONTEXT=${KUBE_CONTEXT} please also give ${missing.join(" and ")}.`);
  return {
    type: "existing",
    context: KUBE_CONTEXT,
    registry: REGISTRY,
    url: URL.replace(/\/+$/, ""),
    nodePort: NODE_PORT,
  };
}
