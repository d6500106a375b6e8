import type { Cluster } from "@schema-rollout/scripts/lib/cluster/index.ts";
import { lanesVariable } from "@schema-rollout/scripts/lib/tests/lanes.ts";

/** Where a scenario runs: alone, or beside another one that has a port and a load of its own. */
export interface Lane {
  url: string;
  /** Undefined where the way to the service is the user's. */
  nodePort: number | undefined;
  /** Of the load that the machine carries. */
  share: number;
  /** What its namespaces are labelled with. */
  labels: Record<string, string>;
  /** Selects the scenarios' namespaces that it may remove; undefined: all of them. */
  own: string | undefined;
}

const label = "schema-rollout/lane";

/** The lane of this process: vitest numbers the two that run at once. */
export function laneOn(cluster: Cluster): Lane {
  const first = { url: cluster.urls.e2e, nodePort: cluster.nodePorts?.e2e, labels: { [label]: "1" } };
  const { beside } = cluster;
  if (!process.env[lanesVariable] || !beside) return { ...first, share: 1, own: undefined };
  // Two thirds in all: the rest of the machine replaces twice as many pods.
  const third = { share: 1 / 3 };
  return process.env.VITEST_POOL_ID === "2"
    ? { ...beside, ...third, labels: { [label]: "2" }, own: `${label}=2` }
    : { ...first, ...third, own: `${label}=1` };
}
