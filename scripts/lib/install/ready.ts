import { kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import type { Say } from "../progress.ts";
import { saidBy } from "../shell.ts";
import { Hopeless, whileItCanComeUp } from "./coming-up/index.ts";

/** Waits until every replica is ready and the blog answers from outside the cluster; no longer than that can be. */
export const waitForBlog = (cluster: Cluster, namespace: string, url: string, say: Say): Promise<void> =>
  waitForService(cluster, namespace, { name: "The blog", deployment: "blog", url, ready: "/readyz" }, say);

export interface Awaited {
  /** As a sentence begins with it. */
  name: string;
  deployment: string;
  /** Where it answers, and the path that does once it can serve. */
  url: string;
  ready: string;
}

export async function waitForService(
  cluster: Cluster,
  namespace: string,
  { name, deployment, url, ready }: Awaited,
  say: Say,
): Promise<void> {
  say("waiting for the pods");
  const status = ["rollout", "status", `deployment/${deployment}`, "--timeout=180s"];
  await whileItCanComeUp(cluster, namespace, { deployment }, (signal) =>
    kubectl(cluster, ["-n", namespace, ...status], undefined, signal),
  ).catch(async (error) => {
    if (error instanceof Hopeless) throw cannot(error);
    const pods = await kubectl(cluster, ["-n", namespace, "get", "pods", "-o", "wide"]).then(
      ({ stdout }) => stdout,
      saidBy,
    );
    throw new Failure(`${name} did not become ready: ${saidBy(error)}\n${pods}`);
  });
  say(`waiting for an answer at ${url}`);
  // One that ends and is started again may have been ready for a moment, where nothing asks it.
  await whileItCanComeUp(cluster, namespace, { deployment }, (signal) =>
    answer(`${url}${ready}`, name, signal),
  ).catch((error) => {
    throw error instanceof Hopeless ? cannot(error) : error;
  });

  function cannot({ message, code }: Hopeless): Failure {
    return new Failure(`${name} cannot become ready: ${message}`, { code });
  }
}

async function answer(url: string, name: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 30_000;
  let last = "";
  while (Date.now() < deadline && !signal.aborted) {
    last = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => (response.ok ? "" : `it answered ${response.status}`),
      (error: Error) => String(error.cause ?? error.message),
    );
    if (last === "") return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Failure(`${name} has ready pods, but ${url} cannot be reached: ${last}`);
}
