import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveEngine, resolveTool } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import { artifacts } from "../paths.ts";
import type { Say } from "../progress.ts";
import { saidBy, sh } from "../shell.ts";
import type { Cluster } from "./index.ts";
import type { ExistingTarget } from "./target.ts";

/** Uses a cluster that is already there; changes nothing but what is deployed to it. */
export async function existingCluster(target: ExistingTarget, say: Say): Promise<Cluster> {
  const kubectl = (await resolveTool("kubectl", { onProgress: say })).path;
  const helm = (await resolveTool("helm", { onProgress: say })).path;
  const contexts = (await sh`${kubectl} config get-contexts -o name`).stdout.split("\n").filter(Boolean);
  if (!contexts.includes(target.context)) {
    const known = contexts.length === 0 ? "There is none" : `There is: ${contexts.join(", ")}`;
    throw new Failure(`KUBE_CONTEXT=${target.context} is not in the kubeconfig. ${known}.`);
  }
  // One file for this context alone: KUBECONFIG may name several, and the API client reads one.
  const kubeconfig = join(artifacts, `${target.context.replace(/[^\w.-]/g, "_")}.kubeconfig`);
  const { stdout } = await sh`${kubectl} config view --raw --flatten --minify --context ${target.context}`;
  await mkdir(artifacts, { recursive: true });
  await writeFile(kubeconfig, stdout, { mode: 0o600 });
  await sh`${kubectl} --kubeconfig ${kubeconfig} --request-timeout 10s get --raw /readyz`.catch((error) => {
    throw new Failure(`The cluster behind KUBE_CONTEXT=${target.context} does not answer: ${saidBy(error)}`);
  });
  return {
    kubectl,
    helm,
    kubeconfig,
    context: target.context,
    imagePrefix: target.registry,
    urls: { demo: target.url, e2e: target.url },
    nodePorts: target.nodePort ? { demo: target.nodePort, e2e: target.nodePort } : undefined,
    async offer(images) {
      const engine = await resolveEngine({ onProgress: say });
      for (const image of images) {
        say(`pushing ${image}`);
        await sh({ env: { ...process.env, ...engine.env } })`${engine.path} push ${image}`.catch((error) => {
          throw new Failure(
            `Could not push ${image}. Are you logged in to ${target.registry}? ${saidBy(error)}`,
          );
        });
      }
    },
  };
}
