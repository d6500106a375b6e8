import type { KubeConfig } from "@kubernetes/client-node";
import { type LogLine, parseLog } from "../../rollout/job-log.ts";
import { livePods, type Timeline } from "../../rollout/timeline.ts";
import { streamLog } from "./log-stream.ts";
import { type JobPod, migratorContainer } from "./workload.ts";

/** The init container of the library chart. */
const gateContainer = "wait-for-migration";
/** A gate that opens at once is not worth a request. */
const gateAfterMs = 1_000;
/** All gates of a release say the same. */
const mostGates = 4;
const againAfterMs = 3_000;

export interface Logs {
  /** The last line of each gate that is followed, by pod. */
  gateLines: Map<string, string>;
  /** What was heard of a Job's migrators, oldest pod first. */
  byJob(): Map<string, LogLine[]>;
  /** Opens and closes streams as pods come and go. */
  follow(timeline: Timeline, jobPods: Iterable<JobPod>, now: number): void;
  stop(): void;
}

interface Stream {
  stop(): void;
  endedAt?: number;
  /** It began after the container had ended, or has brought the migrator's last word: there is no more to read. */
  whole: boolean;
}

/** The logs of gates that are closed and of migrators, each over one connection. */
export function followLogs(config: KubeConfig, namespace: string): Logs {
  const streams = new Map<string, Stream>();
  const gateLines = new Map<string, string>();
  const said = new Map<string, { pod: JobPod; lines: LogLine[] }>();
  let stopped = false;

  function open(
    source: { pod: string; container: string; tailLines: number },
    line: (text: string, stream: Stream) => void,
    whole = false,
  ) {
    const stream: Stream = { stop: () => {}, whole };
    streams.set(source.pod, stream);
    stream.stop = streamLog(
      config,
      { namespace, ...source },
      {
        line: (text) => line(text, stream),
        ended() {
          stream.endedAt = Date.now();
        },
      },
    );
  }

  /** To be opened: never was, or broke off a while ago. */
  function due(pod: string, now: number): boolean {
    const stream = streams.get(pod);
    if (!stream) return true;
    return stream.endedAt !== undefined && !stream.whole && now - stream.endedAt >= againAfterMs;
  }

  function close(pod: string) {
    streams.get(pod)?.stop();
    streams.delete(pod);
  }

  function readGate(pod: string) {
    open({ pod, container: gateContainer, tailLines: 1 }, (text) => gateLines.set(pod, text));
  }

  function readMigrator(pod: JobPod) {
    // From the start again, so what an earlier stream brought is replaced as soon as there is something.
    const lines: LogLine[] = [];
    const source = { pod: pod.name, container: migratorContainer, tailLines: 2_000 };
    const add = (text: string, stream: Stream) => {
      lines.push(...parseLog(text));
      said.set(pod.name, { pod, lines });
      if (lines.at(-1)?.event === "summary") stream.whole = true;
    };
    open(source, add, pod.ended);
  }

  return {
    gateLines,
    byJob() {
      const pods = [...said.values()].sort((a, b) => a.pod.createdAt - b.pod.createdAt);
      const jobs = Map.groupBy(pods, ({ pod }) => pod.job);
      return new Map([...jobs].map(([job, own]) => [job, ofNewest(own).flatMap(({ lines }) => lines)]));
    },
    follow(timeline, jobPods, now) {
      if (stopped) return;
      const gates = closedGates(timeline, now);
      const migrators = [...jobPods].filter(({ started }) => started);
      const wanted = new Set([...gates, ...migrators.map(({ name }) => name)]);
      for (const pod of streams.keys()) if (!wanted.has(pod)) close(pod);
      for (const pod of gateLines.keys()) if (!wanted.has(pod)) gateLines.delete(pod);
      for (const pod of gates) if (due(pod, now)) readGate(pod);
      for (const pod of migrators) if (due(pod.name, now)) readMigrator(pod);
    },
    stop() {
      stopped = true;
      for (const pod of streams.keys()) close(pod);
    },
  };
}

/** A rollback creates a Job of the same name anew; what the pods of the one before said is history. */
function ofNewest<T extends { pod: JobPod }>(oldestFirst: T[]): T[] {
  const uid = oldestFirst.at(-1)?.pod.jobUid;
  return oldestFirst.filter(({ pod }) => pod.jobUid === uid);
}

const closedGates = (timeline: Timeline, now: number): string[] =>
  livePods(timeline)
    .filter(
      ({ states }) => states.at(-1)?.state === "gate" && now - (states.at(-1)?.at ?? now) >= gateAfterMs,
    )
    .slice(0, mostGates)
    .map(({ name }) => name);
