import { z } from "zod";
import { coreApi } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import type { Window } from "../load/statistics.ts";

const session = z.object({
  pid: z.number(),
  applicationName: z.string().optional(),
  state: z.string().optional(),
});

const lockWait = z.object({ relation: z.string().optional(), mode: z.string(), blockers: z.array(session) });

const logLine = z.object({
  time: z.string(),
  message: z.string(),
  event: z.string().optional(),
  migration: z.string().optional(),
  phase: z.string().optional(),
  next: z.string().optional(),
  // A later migrator may put these otherwise; its line still counts.
  /** What it waits for: a lock and who holds it, … */
  wait: lockWait.optional().catch(undefined),
  /** … the lock of another migrator, … */
  holder: session.optional().catch(undefined),
  /** … or older processes that are to end. */
  alive: z.array(z.unknown()).optional().catch(undefined),
  /** Of the summary: whether it came to a good end. */
  exitCode: z.number().optional().catch(undefined),
  /** Of an attempt that got no lock, and how long it lets others go first. */
  attempt: z.number().optional().catch(undefined),
  pauseMs: z.number().optional().catch(undefined),
  /** How far a backfill is. */
  rowsDone: z.number().optional().catch(undefined),
  percent: z.number().optional().catch(undefined),
  etaSeconds: z.number().optional().catch(undefined),
});

/** One line of the migrator's log, as far as it matters here. */
export type LogLine = z.infer<typeof logLine>;

/** What the migrator of one Job said, all its pods in the order they were started. */
export async function readJobLog(cluster: Cluster, namespace: string, job: string): Promise<LogLine[]> {
  const core = coreApi(cluster);
  const labelSelector = `batch.kubernetes.io/job-name=${job}`;
  const { items } = await core.listNamespacedPod({ namespace, labelSelector });
  const started = (pod: (typeof items)[number]) => pod.metadata?.creationTimestamp?.getTime() ?? 0;
  const lines: LogLine[] = [];
  for (const { metadata } of items.sort((a, b) => started(a) - started(b))) {
    // A pod that never got as far as to run has no log.
    const log = await core
      .readNamespacedPodLog({ namespace, name: metadata?.name ?? "", container: "migrator" })
      .catch(() => "");
    lines.push(...parseLog(log));
  }
  return lines;
}

/** The lines that are JSON of the migrator; a runtime's own last words are not. */
export function parseLog(log: string): LogLine[] {
  return log.split("\n").flatMap((text) => {
    try {
      return [logLine.parse(JSON.parse(text))];
    } catch {
      return [];
    }
  });
}

/** The sentence the migrator ended with, and what to do next; without one, the last it said. */
export function lastWord(lines: LogLine[]): string | undefined {
  const last = lines.findLast(({ event }) => event === "summary") ?? lines.at(-1);
  return last && [last.message, last.next].filter(Boolean).join(" ");
}

/** When migrations of a phase were at work: from the first one's start to the last one's end; undefined for none. */
export function workOf(lines: LogLine[], phase: string): Window | undefined {
  const names = new Set(lines.filter((line) => line.phase === phase).map(({ migration }) => migration));
  const own = lines.filter(({ migration, message }) => names.has(migration) && /^appl/.test(message));
  const [first, last] = [own[0], own.at(-1)];
  return first && last && { from: Date.parse(first.time), to: Date.parse(last.time) };
}
