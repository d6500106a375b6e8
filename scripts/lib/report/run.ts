import type { Summary } from "../load/summary.ts";
import type { LoggedError } from "../rollout/error-log.ts";
import type { Environment } from "./record/environment.ts";
import type { Failures } from "./record/failures.ts";
import type { JobLine } from "./record/jobs.ts";
import type { PerSecond } from "./record/per-second.ts";
import type { PodLine } from "./record/pods.ts";
import type { Queue } from "./record/queues.ts";

/** What `run.json` holds: all that a report shows. Times in it are ms since `startedAt`, except those of the summary. */
export interface RunRecord {
  format: 1;
  /** When the first request was sent, ms since the epoch. */
  startedAt: number;
  /** From then until the last answer. */
  lastsMs: number;
  summary: Summary;
  perSecond: PerSecond;
  failures: Failures;
  pods: PodLine[];
  jobs: JobLine[];
  /** Clients that waited for locks; missing where the database could not be asked. */
  queues?: Queue[];
  /** What the service's own log says of its errors. */
  logged: LoggedError[];
  environment: Environment;
}
