import type { V1Job, V1Pod } from "@kubernetes/client-node";
import type { Left } from "../cell.ts";
import type { Place } from "../stand/place.ts";

/** What is there once the dust has settled. */
export async function whatIsLeft({ core, batch, namespace, helm, query }: Place): Promise<Left> {
  const [said, { items: jobs }, { items: pods }, invalid] = await Promise.all([
    helm("status", "blog", "-o", "json"),
    batch.listNamespacedJob({ namespace }),
    core.listNamespacedPod({ namespace }),
    query("SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid ORDER BY 1"),
  ]);
  const status = JSON.parse(said) as { info: { status: string } };
  return {
    release: status.info.status,
    jobs: jobs.map(jobInWords),
    pods: inGroups(pods.filter(({ metadata }) => !metadata?.deletionTimestamp).map(podInWords)),
    invalidIndexes: invalid.map(({ name }) => String(name)),
  };
}

/** Names without the hash: two runs shall read alike. */
const jobInWords = ({ metadata, status }: V1Job) => {
  const end = status?.conditions?.find(
    ({ type, status: holds }) => holds === "True" && (type === "Complete" || type === "Failed"),
  );
  return `${metadata?.name?.replace(/-[0-9a-f]{10}$/, "-‹hash›")} ${end?.type ?? "running"}`;
};

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
