import { resolveEngine, resolveTool } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import type { Say } from "../progress.ts";
import { saidBy, sh } from "../shell.ts";
import type { Cluster } from "./index.ts";
import type { ExistingTarget } from "./target.ts";

/** Uses a cluster that is already there; changes nothing but what is deployed to it. */
export async function existingCluster(target: ExistingTarget, say: Say): Promise<Cluster> {
  const kubectl = (await resolveTool("kubectl", { onProgress: say })).path;
  const helm = (await resolveTool("helm", { onProgress: say })).path;
  const kubeconfig = process.env.KUBECONFIG ?? `${process.env.HOME}/.kube/config`;
  const contexts = (await sh`${kubectl} --kubeconfig ${kubeconfig} config get-contexts -o name`).stdout
    .trim()
    .split("\n");
  if (!contexts.includes(target.context)) {
    throw new Failure(
      `KUBE_CONTEXT=${target.context} is not in ${kubeconfig}. There ${contexts.length === 1 ? "is" : "are"}: ${contexts.join(", ") || "none"}.`,
    );
  }
  await sh`${kubectl} --kubeconfig ${kubeconfig} --context ${target.context} --request-timeout 10s get --raw /readyz`.catch(
    (error) => {
      throw new Failure(
        `The cluster behind KUBE_CONTEXT=${target.context} does not answer: ${saidBy(error)}`,
      );
    },
  );
  return {
    kubectl,
    helm,
    kubeconfig,
    context: target.context,
    imagePrefix: target.registry,
    urls: { demo: target.url, e2e: target.url },
    nodePorts: undefined,
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
