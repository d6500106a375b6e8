import { join } from "node:path";
import type { Engine } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import { artifacts } from "../paths.ts";
import { sh } from "../shell.ts";
import { type Claim, claimTo, disown } from "./ownership.ts";
import type { KindTarget } from "./target.ts";

/** What it takes to handle one kind cluster that is there. */
export interface KindTools {
  engine: Engine;
  /** Path of the tool. */
  kind: string;
  /** Of the cluster. */
  name: string;
  /** Of this cluster alone; the user's own file is never touched. */
  kubeconfig: string;
}

export interface Kind extends KindTools {
  kubectl: string;
  target: KindTarget;
}

/** What a finished cluster is marked with: a ConfigMap in kube-system. */
export const marker = "schema-rollout";

interface Options {
  nothrow?: boolean;
}

export const kubeconfigOf = (name: string): string => join(artifacts, `${name}.kubeconfig`);

export const kind = (here: KindTools, args: string[], options: Options = {}) =>
  sh({ ...options, env: { ...process.env, ...here.engine.env } })`${here.kind} ${args}`;

/** kubectl with a short timeout: a dead cluster must not hang us. */
export const client = (here: Kind, args: string[], options: Options = {}) =>
  sh(options)`${here.kubectl} --kubeconfig ${here.kubeconfig} --request-timeout=10s ${args}`;

export async function kindClusters(here: KindTools): Promise<string[]> {
  const { stdout } = await kind(here, ["get", "clusters"]);
  return stdout.split("\n").filter(Boolean);
}

/**
 * Removes the cluster if we made it; one of somebody else's that happens to have the name is refused. Where the note of that
 * is lost, the cluster's own mark tells.
 */
export async function removeKindCluster(here: KindTools, known?: Claim): Promise<void> {
  const { name } = here;
  const claim = known ?? (await claimTo(name, here.engine.kind));
  if (!claim && !(await isMarked(here))) {
    throw new Failure(
      `The kind cluster ${name} was not made by this project, so it is left alone. Choose another name: CLUSTER=my-${name}`,
    );
  }
  await kind(here, ["delete", "cluster", "--name", name, "--kubeconfig", here.kubeconfig]);
  if (claim) await disown(name, claim);
}

/** Asked on the node: the kubeconfig may be gone as well. */
async function isMarked({ engine, name }: KindTools): Promise<boolean> {
  const run = sh({ env: { ...process.env, ...engine.env }, nothrow: true, timeout: "15s" });
  const ask = [
    "kubectl",
    "--kubeconfig=/etc/kubernetes/admin.conf",
    "-n",
    "kube-system",
    "--request-timeout=10s",
  ];
  const { exitCode } = await run`${engine.path} exec ${name}-control-plane ${ask} get configmap ${marker}`;
  return exitCode === 0;
}
