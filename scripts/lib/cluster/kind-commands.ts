import type { Engine } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import { sh } from "../shell.ts";
import { claimTo, disown } from "./ownership.ts";
import type { KindTarget } from "./target.ts";

/** What it takes to handle one kind cluster. */
export interface Kind {
  engine: Engine;
  /** Paths of the tools. */
  kind: string;
  kubectl: string;
  target: KindTarget;
  /** Of this cluster alone; the user's own file is never touched. */
  kubeconfig: string;
}

interface Options {
  nothrow?: boolean;
}

export const kind = (here: Kind, args: string[], options: Options = {}) =>
  sh({ ...options, env: { ...process.env, ...here.engine.env } })`${here.kind} ${args}`;

/** kubectl with a short timeout: a dead cluster must not hang us. */
export const client = (here: Kind, args: string[], options: Options = {}) =>
  sh(options)`${here.kubectl} --kubeconfig ${here.kubeconfig} --request-timeout=10s ${args}`;

export async function kindClusters(here: Kind): Promise<string[]> {
  const { stdout } = await kind(here, ["get", "clusters"]);
  return stdout.split("\n").filter(Boolean);
}

/** Removes the cluster if we made it; one of somebody else's that happens to have the name is refused. */
export async function removeKindCluster(here: Kind): Promise<void> {
  const { name } = here.target;
  const claimed = await claimTo(name);
  if (claimed === undefined) {
    throw new Failure(
      `The kind cluster ${name} was not made by this project, so it is left alone. Choose another name: CLUSTER=my-${name}`,
    );
  }
  await kind(here, ["delete", "cluster", "--name", name, "--kubeconfig", here.kubeconfig]);
  await disown(name, claimed);
}
