import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KubeConfig, VersionApi } from "@kubernetes/client-node";
import { kubeConfig, type Way } from "../../cluster/access.ts";
import { targetFrom } from "../../cluster/target.ts";
import { Failure } from "../../failure.ts";
import { artifacts } from "../../paths.ts";

const answersWithinMs = 5_000;

/** The way to a cluster that is there and answers. Nothing is made, installed or changed. */
export async function findCluster(env: NodeJS.ProcessEnv): Promise<Way> {
  const way = env.KUBE_CONTEXT ? await wayTo(env.KUBE_CONTEXT) : await wayToOurs(env);
  const answer = kubeConfig(way).makeApiClient(VersionApi).getCode();
  const late = new Promise<never>((_, failed) => {
    setTimeout(
      () => failed(new Error(`no answer within ${answersWithinMs / 1000} s`)),
      answersWithinMs,
    ).unref();
  });
  await Promise.race([answer, late]).catch((error) => {
    const why = reasonOf(error);
    throw new Failure(
      `The cluster ${way.context} does not answer (${why}). ${env.KUBE_CONTEXT ? "Is it running?" : "make up starts it, or makes it anew."}`,
    );
  });
  return way;
}

async function wayToOurs(env: NodeJS.ProcessEnv): Promise<Way> {
  const target = targetFrom(env);
  const name = target.type === "kind" ? target.name : target.context;
  const kubeconfig = join(artifacts, `${name}.kubeconfig`);
  if (!(await isThere(kubeconfig)))
    throw new Failure(
      `There is no cluster ${name} to watch yet. Run make demo or make up first, then make watch.`,
    );
  return { kubeconfig, context: `kind-${name}` };
}

/** The file that `make deploy` and `make demo` leave for a context, else one from what kubectl would read. */
async function wayTo(context: string): Promise<Way> {
  const kubeconfig = join(artifacts, `${context.replace(/[^\w.-]/g, "_")}.kubeconfig`);
  if (await isThere(kubeconfig)) return { kubeconfig, context };
  const config = new KubeConfig();
  config.loadFromDefault();
  // Without any kubeconfig the library makes one up.
  const contexts = config.getContexts().flatMap(({ name }) => (name === "loaded-context" ? [] : [name]));
  if (!contexts.includes(context))
    throw new Failure(
      `KUBE_CONTEXT=${context} is not in the kubeconfig. There is: ${contexts.join(", ") || "none"}.`,
    );
  await mkdir(artifacts, { recursive: true });
  await writeFile(kubeconfig, config.exportConfig(), { mode: 0o600 });
  return { kubeconfig, context };
}

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/** What lies beneath it all, such as ECONNREFUSED. */
function reasonOf(error: Error & { code?: unknown }): string {
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return typeof error.code === "string" ? error.code : error.message;
}
