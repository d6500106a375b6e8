import { kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import type { Say } from "../progress.ts";
import { saidBy } from "../shell.ts";

/** Waits until every replica is ready and the blog answers from outside the cluster. */
export async function waitForBlog(cluster: Cluster, namespace: string, url: string, say: Say): Promise<void> {
  say("waiting for the pods");
  await kubectl(cluster, ["-n", namespace, "rollout", "status", "deployment/blog", "--timeout=180s"]).catch(
    async (error) => {
      const pods = await kubectl(cluster, ["-n", namespace, "get", "pods", "-o", "wide"]).then(
        ({ stdout }) => stdout,
        saidBy,
      );
      throw new Failure(`The blog did not become ready: ${saidBy(error)}\n${pods}`);
    },
  );
  say(`waiting for an answer at ${url}`);
  const deadline = Date.now() + 30_000;
  let last = "";
  while (Date.now() < deadline) {
    last = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => (answer.ok ? "" : `it answered ${answer.status}`),
      (error: Error) => String(error.cause ?? error.message),
    );
    if (last === "") return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Failure(`The blog's pods are ready, but ${url} cannot be reached: ${last}`);
}
