import { coreApi } from "../../cluster/access.ts";
import type { Cluster } from "../../cluster/index.ts";
import { lastWord, parseLog } from "../../rollout/job-log.ts";
import { lastLine } from "./words.ts";

/** What a container printed last: a migrator's own summary, or the line that says most; "" where that cannot be had. */
export async function lastWordsOf(
  cluster: Cluster,
  where: { namespace: string; name: string; container: string; previous?: boolean },
): Promise<string> {
  const text = await coreApi(cluster)
    .readNamespacedPodLog({ ...where, tailLines: 200 })
    // A container that never ran has no log; the reason that is told stands without it.
    .catch(() => "");
  return lastWord(parseLog(text)) || lastLine(text);
}

/** The same of the last pod that a Job made. */
export async function lastWordsOfJob(cluster: Cluster, namespace: string, job: string): Promise<string> {
  const labelSelector = `batch.kubernetes.io/job-name=${job}`;
  const { items } = await coreApi(cluster).listNamespacedPod({ namespace, labelSelector });
  const made = (pod: (typeof items)[number]) => pod.metadata?.creationTimestamp?.getTime() ?? 0;
  for (const { metadata, spec, status } of items.sort((a, b) => made(b) - made(a))) {
    const name = metadata?.name ?? "";
    const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    const failed = statuses.find(({ state }) => state?.terminated?.exitCode);
    const container = failed?.name ?? spec?.containers[0]?.name ?? "";
    const said = await lastWordsOf(cluster, { namespace, name, container });
    if (said) return said;
  }
  return "";
}
