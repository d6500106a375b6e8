import { resolveEngine } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import { sh } from "../shell.ts";
import type { Cluster } from "./index.ts";
import { claimTo } from "./ownership.ts";

/** What a shell command says on the node of our own kind cluster; no other cluster may suffer what is done there. */
export async function onControlPlane({ context }: Cluster, command: string): Promise<string> {
  const name = context.replace(/^kind-/, "");
  if (name === context || (await claimTo(name)) === undefined) {
    throw new Failure(
      `${context} is not a kind cluster of ours, and what is done here to processes of a node is done to no other.`,
    );
  }
  const { path, env } = await resolveEngine();
  const run = sh({ env: { ...process.env, ...env } });
  return (await run`${path} exec ${name}-control-plane sh -c ${command}`).stdout;
}
