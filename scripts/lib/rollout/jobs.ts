import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import type { Window } from "../load/statistics.ts";
import type { Say } from "../progress.ts";
import { type LogLine, lastWord, readJobLog, workOf } from "./job-log.ts";
import type { JobLife } from "./timeline.ts";
import type { NamespaceWatch } from "./watch.ts";

export interface JobContext {
  cluster: Cluster;
  namespace: string;
  watch: NamespaceWatch;
}

/** Waits for a Job's end and returns its log. One that fails, or does not end, is explained by its own last word. */
export async function jobEnd(
  { cluster, namespace, watch }: JobContext,
  job: JobLife,
  { what, timeoutMs }: { what: string; timeoutMs: number },
): Promise<LogLine[]> {
  const log = async () => {
    job.log = await readJobLog(cluster, namespace, job.name);
    return job.log;
  };
  try {
    await watch.until(`The Job ${job.name}`, () => job.endedAt !== undefined, timeoutMs);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 1) throw error;
    const word = lastWord(await log());
    throw word ? new Failure(`${error.message} It last said: ${word}`, { code: 1 }) : error;
  }
  const lines = await log();
  if (job.outcome !== "Failed") return lines;
  // Pods of a Job that ran out of time are removed, and their words with them; its condition is left.
  throw new Failure(`${what} failed: ${lastWord(lines) ?? job.message ?? job.name}`, { code: 1 });
}

/** What a contract Job did, and when. */
export interface Contract {
  endedAt: number;
  backfill: Window | undefined;
  contract: Window | undefined;
}

const contractTimeoutMs = 5 * 60_000;

/** Follows the contract Job to its end, some time after the rollout's. */
export async function contractEnd(context: JobContext, job: JobLife, say: Say): Promise<Contract> {
  say(`Job ${job.name} waits for the last old process to end`);
  const log = await jobEnd(context, job, { what: "What follows the rollout", timeoutMs: contractTimeoutMs });
  return {
    endedAt: job.endedAt ?? 0,
    backfill: workOf(log, "backfill"),
    contract: workOf(log, "contract"),
  };
}
