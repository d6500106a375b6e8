import type { V1Job, V1Pod } from "@kubernetes/client-node";
import type { Left } from "../cell.ts";
import type { Place } from "../stand/place.ts";

/** Jobs and pods that have ended, by uid: what another trial has left. */
export async function endedAlready({ core, batch, namespace }: Place): Promise<Set<string | undefined>> {
  const [{ items: jobs }, { items: pods }] = await Promise.all([
    batch.listNamespacedJob({ namespace }),
    core.listNamespacedPod({ namespace }),
  ]);
  return new Set([...jobs.filter(endOf), ...pods.filter(isOver)].map(({ metadata }) => metadata?.uid));
}

/** What is there once the dust has settled, and was not over `already`. */
export async function whatIsLeft(
  { core, batch, namespace, helm, query }: Place,
  already: ReadonlySet<string | undefined>,
): Promise<Left> {
  const [said, { items: jobs }, { items: pods }, invalid] = await Promise.all([
    helm("status", "blog", "-o", "json"),
    batch.listNamespacedJob({ namespace }),
    core.listNamespacedPod({ namespace }),
    query("SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid ORDER BY 1"),
  ]);
  const status = JSON.parse(said) as { info: { status: string } };
  return {
    release: status.info.status,
    jobs: jobs.filter(({ metadata }) => !already.has(metadata?.uid)).map(jobInWords),
    pods: inGroups(
      pods
        .filter(({ metadata }) => !metadata?.deletionTimestamp && !already.has(metadata?.uid))
        .map(podInWords),
    ),
    invalidIndexes: invalid.map(({ name }) => String(name)),
  };
}

const endOf = ({ status }: V1Job) =>
  status?.conditions?.find(
    ({ type, status: holds }) => holds === "True" && (type === "Complete" || type === "Failed"),
  );

const isOver = ({ status }: V1Pod) => status?.phase === "Succeeded" || status?.phase === "Failed";

/** Names without the hash: two runs shall read alike. */
const jobInWords = (job: V1Job) =>
  `${job.metadata?.name?.replace(/-[0-9a-f]{10}$/, "-‹hash›")} ${endOf(job)?.type ?? "running"}`;

function podInWords({ metadata, status }: V1Pod): string {
  const labels = metadata?.labels ?? {};
  const version = labels["app.kubernetes.io/version"];
  const what = version ?? labels["app.kubernetes.io/component"] ?? metadata?.name ?? "";
  const ready = status?.conditions?.some(({ type, status: holds }) => type === "Ready" && holds === "True");
  if (ready) return `${what} ready`;
  const stuck = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(
    ({ state }) => state?.waiting && !/PodInitializing|ContainerCreating/.test(state.waiting.reason ?? ""),
  );
  const last = stuck?.state?.waiting?.reason ?? status?.phase ?? "unknown";
  return `${what} ${stuck ? `${stuck.name}: ` : ""}${last}`;
}

/** ["3 v2 ready", "1 failing …"] */
export function inGroups(words: string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).sort();
}
