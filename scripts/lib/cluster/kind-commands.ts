import type { Engine } from "@schema-rollout/toolchain";
import { sh } from "../shell.ts";
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

export const removeKindCluster = (here: Kind) =>
  kind(here, ["delete", "cluster", "--name", here.target.name, "--kubeconfig", here.kubeconfig]);
