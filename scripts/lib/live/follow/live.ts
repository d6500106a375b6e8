import { VersionApi } from "@kubernetes/client-node";
import { kubeConfig, type Way } from "../../cluster/access.ts";
import type { Timeline } from "../../rollout/timeline.ts";
import type { LiveState } from "../model/state.ts";
import { meterLoad } from "./load-meter.ts";
import { followLogs } from "./logs.ts";
import { followWorkload } from "./workload.ts";

export interface LiveOptions {
  cluster: Way;
  namespace: string;
  /** Kept up to date by whoever watches the blog. */
  timeline: Timeline;
  /** k6's raw output, where there is or may be a load. */
  rawFiles: string[];
}

/** What goes on in a namespace, to be asked for at any time. */
export interface Live {
  state(now: number): LiveState;
  stop(): Promise<void>;
}

const probeEveryMs = 2_000;

export function startLive({ cluster, namespace, timeline, rawFiles }: LiveOptions): Live {
  const config = kubeConfig(cluster);
  const since = Date.now();
  const hearing = listen(() => config.makeApiClient(VersionApi).getCode());
  const workload = followWorkload(config, namespace, hearing.lost);
  const logs = followLogs(config, namespace);
  const load = meterLoad(rawFiles);
  return {
    state(now) {
      const jobPods = [...workload.jobPods.values()];
      logs.follow(timeline, jobPods, now);
      return {
        now,
        since,
        namespace,
        timeline,
        deployment: workload.deployment,
        replicaSets: workload.replicaSets,
        gateLines: logs.gateLines,
        logs: logs.byJob(),
        attempts: new Map(
          [...Map.groupBy(jobPods, ({ job }) => job)].map(([job, pods]) => [job, pods.length]),
        ),
        load: load.view(now),
        silentSince: hearing.silentSince(),
      };
    },
    async stop() {
      logs.stop();
      load.stop();
      await workload.stop();
    },
  };
}

/** From a lost connection on, asks now and then whether the API server is there again. */
function listen(ask: () => Promise<unknown>) {
  let silentSince: number | undefined;
  const probe = () =>
    void ask().then(
      () => {
        silentSince = undefined;
      },
      () => setTimeout(probe, probeEveryMs).unref(),
    );
  return {
    silentSince: () => silentSince,
    lost() {
      if (silentSince !== undefined) return;
      silentSince = Date.now();
      probe();
    },
  };
}
