import { CoreV1Api, type Informer, type KubeConfig, makeInformer, type V1Pod } from "@kubernetes/client-node";
import { streamLog } from "../../lib/live/follow/log-stream.ts";
import { type LogLine, parseLog } from "../../lib/rollout/job-log.ts";

/** One line of a migrator, and who said it. */
export interface Said extends LogLine {
  pod: string;
  container: string;
}

/** Sees every pod of a namespace, and hears every container that may migrate, from its first line on. */
export interface Observer {
  /** By uid, as last seen: pods that are gone, too. */
  pods: Map<string, V1Pod>;
  said: Said[];
  /** A line of a migrator that is no pod. */
  hear(text: string): void;
  stop(): Promise<void>;
}

/** Containers that never migrate. */
const silent = new Set(["wait-for-migration", "page", "smoke"]);

export async function observe(config: KubeConfig, namespace: string): Promise<Observer> {
  const core = config.makeApiClient(CoreV1Api);
  const pods = new Map<string, V1Pod>();
  const said: Said[] = [];
  const followed = new Map<string, () => void>();
  let stopped = false;

  const keep = (text: string, pod: string, container: string) => {
    for (const line of parseLog(text)) said.push({ ...line, pod, container });
  };

  function see(pod: V1Pod): void {
    const name = pod.metadata?.name ?? "";
    pods.set(pod.metadata?.uid ?? name, pod);
    const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
    for (const { name: container, restartCount, state } of [...initContainerStatuses, ...containerStatuses]) {
      const life = `${pod.metadata?.uid} ${container} ${restartCount}`;
      if (silent.has(container) || followed.has(life) || !(state?.running ?? state?.terminated)) continue;
      const source = { namespace, pod: name, container, tailLines: 10_000 };
      const line = (text: string) => keep(text, name, container);
      followed.set(life, streamLog(config, source, { line, ended: () => {} }));
    }
  }

  const informer: Informer<V1Pod> = makeInformer<V1Pod>(config, `/api/v1/namespaces/${namespace}/pods`, () =>
    core.listNamespacedPod({ namespace }),
  );
  informer.on("add", see);
  informer.on("update", see);
  informer.on("delete", see);
  informer.on("error", () => {
    if (!stopped) setTimeout(() => void informer.start().catch(() => {}), 500);
  });
  await informer.start();
  return {
    pods,
    said,
    hear: (text) => keep(text, "the pipeline", "migrator"),
    async stop() {
      stopped = true;
      await informer.stop();
      for (const end of followed.values()) end();
    },
  };
}

/** How often a migration was begun, and how many found the lock taken. */
export function counted(said: Said[], migration: string): { begun: number; queued: number } {
  return {
    begun: said.filter((line) => line.migration === migration && line.message === "applying").length,
    queued: said.filter(({ message }) => /^another migrator holds the lock/.test(message)).length,
  };
}
