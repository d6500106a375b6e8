import type { Cluster } from "@schema-rollout/scripts/lib/cluster/index.ts";
import { claimTo } from "@schema-rollout/scripts/lib/cluster/ownership.ts";
import { sh } from "@schema-rollout/scripts/lib/shell.ts";
import { resolveEngine } from "@schema-rollout/toolchain";

/** Runs a shell command on the node of our own kind cluster; no other cluster may suffer what these scenarios do. */
export async function onControlPlane({ context }: Cluster, command: string): Promise<void> {
  const name = context.replace(/^kind-/, "");
  if (name === context || (await claimTo(name)) === undefined) {
    throw new Error(`${context} is not a kind cluster of ours: this scenario stops its API server`);
  }
  const { path, env } = await resolveEngine();
  await sh({ env: { ...process.env, ...env } })`${path} exec ${name}-control-plane sh -c ${command}`;
}
