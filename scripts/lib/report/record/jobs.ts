import type { LogLine } from "../../rollout/job-log.ts";
import type { JobLife, Timeline } from "../../rollout/timeline.ts";
import { type LockWait, lockWaits } from "./lock-waits.ts";

/** One migration at work, from the first attempt to the last. */
export interface Work {
  migration: string;
  phase: string;
  from: number;
  /** When it was applied; missing where it was not. */
  to?: number;
  /** When it failed for the last time. */
  failedAt?: number;
}

/** One Job of the migrator. */
export interface JobLine {
  name: string;
  /** What it is for: migration, contract. */
  component: string;
  from: number;
  to?: number;
  outcome?: JobLife["outcome"];
  /** Why it failed. */
  message?: string;
  work: Work[];
  waits: LockWait[];
}

/** The Jobs that were there while the load ran. */
export function jobLines(timeline: Timeline, startedAt: number): JobLine[] {
  return [...timeline.jobs.values()]
    .filter(({ endedAt }) => endedAt === undefined || endedAt >= startedAt)
    .sort((a, b) => a.createdAt - b.createdAt)
    .map(({ name, component, createdAt, endedAt, outcome, message, log = [] }) => ({
      name,
      component,
      from: createdAt - startedAt,
      ...(endedAt !== undefined && { to: endedAt - startedAt }),
      ...(outcome && { outcome }),
      ...(message && { message }),
      work: workOf(log, startedAt),
      waits: lockWaits(log, startedAt),
    }));
}

/** What the log says of each migration: `applying` where it begins, `applied` where it is done. */
export function workOf(lines: LogLine[], startedAt: number): Work[] {
  const works = new Map<string, Work>();
  for (const { migration, phase = "expand", message, time, exitCode } of lines) {
    const at = Date.parse(time) - startedAt;
    if (migration && message === "applying" && !works.has(migration))
      works.set(migration, { migration, phase, from: at });
    const work = works.get(migration ?? "");
    if (work && message === "applied") work.to = at;
    // The summary of a run that failed: whatever is not applied by then was left undone.
    if (exitCode) for (const one of works.values()) if (one.to === undefined) one.failedAt = at;
  }
  return [...works.values()];
}
