import type { LogLine } from "../../rollout/job-log.ts";
import type { Timeline } from "../../rollout/timeline.ts";
import type { LoadView } from "./load-counts.ts";

/** What wants pods of one revision. */
export interface ReplicaSetFacts {
  name: string;
  /** Counted up by the Deployment: the highest is the newest. */
  revision: number;
  wanted: number;
}

/** All that the live view shows, as it is at one moment. */
export interface LiveState {
  /** ms since the epoch, as all times here. */
  now: number;
  /** Since when we look. */
  since: number;
  namespace: string;
  timeline: Timeline;
  /** Undefined while there is none. */
  deployment: { name: string; wanted: number } | undefined;
  /** By the hash that their pods are labelled with. */
  replicaSets: ReadonlyMap<string, ReplicaSetFacts>;
  /** What the gate said last, by pod. */
  gateLines: ReadonlyMap<string, string>;
  /** What the migrators of a Job said so far, by Job. */
  logs: ReadonlyMap<string, LogLine[]>;
  /** Pods that a Job has made so far, by Job. */
  attempts: ReadonlyMap<string, number>;
  /** Undefined where no load is known of. */
  load: LoadView | undefined;
  /** When the API server was last heard, if it does not answer now. */
  silentSince: number | undefined;
}

/** A Job's log: what was read of it at its end, or heard so far. */
export const logOf = ({ logs, timeline }: LiveState, job: string): LogLine[] =>
  timeline.jobs.get(job)?.log ?? logs.get(job) ?? [];
