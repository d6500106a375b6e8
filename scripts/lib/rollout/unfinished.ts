import type { Phase } from "../load/summary.ts";
import type { Timeline } from "./timeline.ts";
import { phase } from "./upgrade.ts";

/**
 * The phases of an upgrade that did not come to its end, as far as it got: `stoppedAt` is when it was given up. What
 * clients saw of it is the more interesting.
 */
export function unfinishedPhases(orderedAt: number, stoppedAt: number, { jobs }: Timeline): Phase[] {
  const job = [...jobs.values()].findLast(
    ({ component, createdAt }) => component === "migration" && createdAt >= orderedAt,
  );
  if (job?.outcome !== "Complete" || job.endedAt === undefined)
    return [phase("migrating", orderedAt, stoppedAt)];
  return [phase("migrating", orderedAt, job.endedAt), phase("rollout", job.endedAt, stoppedAt)];
}
