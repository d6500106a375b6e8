import { z } from "zod";
import { usage } from "../failure.ts";

/** A cluster of our own, made with kind. */
export interface KindTarget {
  type: "kind";
  name: string;
  /** 1: one node does everything; more: one control plane and workers. */
  nodes: number;
  /** Ports of this machine (127.0.0.1) that lead to the demo's and the tests' blog. */
  ports: { demo: number; e2e: number };
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

const number = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

const environment = z.object({
  KUBE_CONTEXT: z.string().min(1).optional(),
  REGISTRY: z
    .string()
    .regex(/^[^\s/]+(\/[^\s/]+)*$/, "a registry looks like host:5000/team, without a scheme")
    .optional(),
  URL: z.url({ protocol: /^https?$/ }).optional(),
  NODE_PORT: z.coerce.number().int().min(30000).max(32767).optional(),
  CLUSTER: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, "letters, digits and dashes")
    .default("schema-rollout"),
  NODES: number(1, 1, 9),
  PORT: number(8080, 1, 65535),
  E2E_PORT: number(8081, 1, 65535),
});

/** NodePorts behind the two host ports. */
export const nodePorts = { demo: 30080, e2e: 30081 } as const;

/** Reads which cluster to use from the environment, and says everything that is wrong at once. */
export function targetFrom(env: NodeJS.ProcessEnv): Target {
  const read = environment.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== "")),
  );
  if (!read.success) {
    throw usage(
      read.error.issues
        .map((issue) => `${issue.path.join(".")}=${env[String(issue.path[0])] ?? ""}: ${issue.message}`)
        .join("\n"),
    );
  }
  const { KUBE_CONTEXT, REGISTRY, URL, NODE_PORT, CLUSTER, NODES, PORT, E2E_PORT } = read.data;
  if (!KUBE_CONTEXT) {
    if (PORT === E2E_PORT) throw usage(`PORT and E2E_PORT must differ; both are ${PORT}.`);
    return { type: "kind", name: CLUSTER, nodes: NODES, ports: { demo: PORT, e2e: E2E_PORT } };
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
