import type { Answer } from "../../load/raw.ts";
import type { Summary } from "../../load/summary.ts";
import type { LoggedError } from "../../rollout/error-log.ts";
import type { QueueSeen } from "../../rollout/lock-queues.ts";
import type { Timeline } from "../../rollout/timeline.ts";
import type { RunRecord } from "../run.ts";
import type { Environment } from "./environment.ts";
import { failuresOf } from "./failures.ts";
import { jobLines } from "./jobs.ts";
import { perSecond } from "./per-second.ts";
import { podLines } from "./pods.ts";
import { queuesOf } from "./queues.ts";

export interface Course {
  summary: Summary;
  answers: Answer[];
  timeline: Timeline;
  environment: Environment;
  logged: LoggedError[];
  /** Undefined where nobody could look. */
  queued?: QueueSeen[] | undefined;
}

/** What a report shows of a run, made of what was seen of it. */
export function recordOf({ summary, answers, timeline, environment, logged, queued }: Course): RunRecord {
  const startedAt = answers[0]?.t ?? summary.phases[0]?.from ?? 0;
  return {
    format: 1,
    startedAt,
    lastsMs: Math.round(answers.reduce((last, { t, d }) => Math.max(last, t + d), startedAt) - startedAt),
    summary,
    perSecond: perSecond(answers, releasesOf(summary)),
    failures: failuresOf(answers),
    pods: podLines(timeline, startedAt),
    jobs: jobLines(timeline, startedAt),
    ...(queued && { queues: queuesOf(queued, startedAt) }),
    logged: logged.slice(0, 20),
    environment,
  };
}

/** Old, new, then whatever else answered. */
const releasesOf = ({ from, to, servedBy }: Summary): string[] => [
  ...new Set([from, to, ...Object.keys(servedBy)]),
];
