import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { resolveEngine, resolveTool } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import { artifacts } from "../paths.ts";
import type { Say } from "../progress.ts";
import type { Cluster } from "./index.ts";
import { type Kind, kind, kindClusters, kubeconfigOf, removeKindCluster } from "./kind-commands.ts";
import { createKindCluster, readSetup, setupOf } from "./kind-create.ts";
import { loadImages } from "./load-images.ts";
import { putPodsFirst } from "./processor-shares.ts";
import { type KindTarget, nodePorts } from "./target.ts";
import { whereaboutsOf } from "./whereabouts.ts";

/** Our kind cluster: the one that is there if it answers and fits, else a new one. */
export async function kindCluster(target: KindTarget, say: Say): Promise<Cluster> {
  const here = await kindTools(target, say);
  const helm = (await resolveTool("helm", { onProgress: say })).path;
  await mkdir(artifacts, { recursive: true });
  if (!(await usable(here, say))) await createKindCluster(here, say);
  // Each time, as it takes no time: a cluster of an earlier version gets it, too.
  await putPodsFirst(here);
  return {
    kubectl: here.kubectl,
    helm,
    kubeconfig: here.kubeconfig,
    context: `kind-${target.name}`,
    // A registry's name in front keeps engines and containerd from putting their own there.
    imagePrefix: "localhost/schema-rollout",
    urls: { demo: `http://127.0.0.1:${target.ports.demo}`, e2e: `http://127.0.0.1:${target.ports.e2e}` },
    nodePorts,
    beside: { url: `http://127.0.0.1:${target.ports.beside}`, nodePort: nodePorts.beside },
    offer: (images, tell) => loadImages(here, images, tell),
  };
}

export async function kindTools(target: KindTarget, say: Say): Promise<Kind> {
  return {
    target,
    name: target.name,
    engine: await resolveEngine({ onProgress: say }),
    kind: (await resolveTool("kind", { onProgress: say })).path,
    kubectl: (await resolveTool("kubectl", { onProgress: say })).path,
    kubeconfig: kubeconfigOf(target.name),
  };
}

/** A cluster is only taken when it was finished, answers, and is what was asked for. */
async function usable(here: Kind, say: Say): Promise<boolean> {
  const { name } = here.target;
  if (!(await kindClusters(here)).includes(name)) {
    await refuseAnothersEngine(here);
    return false;
  }
  const found = await setupWithPatience(here, say);
  if (found === undefined) {
    say(`the cluster ${name} was left half-made or has died; making it anew`);
    await removeKindCluster(here);
    return false;
  }
  const wanted = setupOf(here.target);
  if (found === wanted) return true;
  throw new Failure(
    `The cluster ${name} has ${found}, but ${wanted} was asked for. Run make down first, or ask for what is there.`,
  );
}

/** Two of one name would share a kubeconfig, and the earlier one holds the ports. */
async function refuseAnothersEngine({ engine, name }: Kind): Promise<void> {
  const elsewhere = (await whereaboutsOf(name)).found.find(({ claim }) => claim);
  if (!elsewhere) return;
  const madeWith = elsewhere.engine.kind;
  const now = madeWith === engine.kind ? `another ${madeWith}` : engine.kind;
  throw new Failure(
    `The cluster ${name} is there, made with ${madeWith}, but the engine in use now is ${now}. Remove it first: make down CLUSTER=${name}`,
  );
}

/** A busy machine, or an engine that has just restarted, may need a moment before the API server answers. */
async function setupWithPatience(here: Kind, say: Say): Promise<string | undefined> {
  const { name } = here.target;
  for (let attempt = 0; attempt < 4; attempt++) {
    const where = ["--name", name, "--kubeconfig", here.kubeconfig];
    const exported = await kind(here, ["export", "kubeconfig", ...where], { nothrow: true });
    // Without its containers running there is nothing to wait for.
    if (exported.exitCode !== 0) return undefined;
    const found = await readSetup(here);
    if (found !== "no answer") return found;
    say("waiting for the cluster's API server");
    await sleep(3_000);
  }
  return undefined;
}
