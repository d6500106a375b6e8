import { rm } from "node:fs/promises";
import { resolveTool } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import type { Say } from "../progress.ts";
import { saidBy } from "../shell.ts";
import { kubeconfigOf, removeKindCluster } from "./kind-commands.ts";
import { claimedClusters, claimFile } from "./ownership.ts";
import { type Whereabouts, whereaboutsOf } from "./whereabouts.ts";

/** Removes a cluster of ours, and says what became of it, and which others there are. */
export async function removeClusters(name: string, say: Say): Promise<void> {
  // The second is that of scenarios that end nodes; they remove it, unless they are killed.
  const names = [name, `${name}-nodes`];
  let anything = false;
  for (const each of names) anything = (await removeOurs(each, say)) || anything;
  if (!anything) say(`Nothing to remove: there is no cluster ${name} of ours.`);
  for (const line of await othersLeft(names)) say(line);
}

/**
 * Removes the clusters of this name that are ours, each with the engine it was made with, and says of each what became of
 * it. Returns whether there was anything to say. What cannot be removed is told with the way on, and keeps nothing else.
 */
async function removeOurs(name: string, say: Say): Promise<boolean> {
  const { found, unanswered } = await whereaboutsOf(name);
  for (const { engine, claim } of found) {
    const kubeconfig = kubeconfigOf(name);
    try {
      const kind = (await resolveTool("kind", { onProgress: say })).path;
      await removeKindCluster({ engine, kind, name, kubeconfig }, claim);
      await rm(kubeconfig, { force: true });
      say(`Removed the cluster ${name}, which was made with ${engine.kind}.`);
    } catch (error) {
      const why = error instanceof Failure ? error.message : `${saidBy(error)}\n${byHand(name, engine.kind)}`;
      say(`The cluster ${name} of ${engine.kind} is left: ${why}`);
    }
  }
  for (const claim of unanswered) say(notReached(name, claim));
  return found.length + unanswered.length > 0;
}

function notReached(name: string, { engine: { kind, address } }: Whereabouts["unanswered"][number]): string {
  const where = Object.entries(address).map(([variable, value]) => `${variable}=${value}`);
  return [
    `The cluster ${name} was made with ${kind}, which does not answer${where.length > 0 ? ` (${where.join(" ")})` : ""}, so it may be left.`,
    `Start ${kind}, then: make down CLUSTER=${name}`,
    `Where that is gone for good: rm ${claimFile(name)}`,
  ].join("\n  ");
}

const byHand = (name: string, kind: string) =>
  `By hand: ${kind} rm -f -v $(${kind} ps -aq --filter label=io.x-k8s.kind.cluster=${name})`;

/** Clusters of ours of other names that are there still, a line each. */
async function othersLeft(besides: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const name of await claimedClusters()) {
    // Those that scenarios make to end nodes go with the one they are named after.
    if (besides.includes(name) || name.endsWith("-nodes")) continue;
    const { found } = await whereaboutsOf(name);
    for (const { engine } of found)
      lines.push(
        `Also there, made by us with ${engine.kind}: the cluster ${name}. Remove it: make down CLUSTER=${name}`,
      );
  }
  return lines;
}
