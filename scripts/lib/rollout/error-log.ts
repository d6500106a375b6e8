import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { coreApi } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import type { PodLife, Timeline } from "./timeline.ts";

/** An error that the service logged, and how often at least: not every line of a log is read. */
export interface LoggedError {
  release: string;
  message: string;
  count: number;
}

export interface ErrorLog {
  /** Reads no more; harmless after `end`. */
  stop(): void;
  /** Reads the logs of the pods that are still there, and gives what was found in all of them. */
  end(): Promise<LoggedError[]>;
}

/** Reads the end of one pod's log. */
export type ReadLog = (pod: string) => Promise<string>;

/** As many lines are read of one pod: with the stack of each error that is a megabyte at most. */
const tailLines = 300;

/** Each log that is read is also kept in `folder`: with the pod the cluster forgets it. */
export function podLogs(cluster: Cluster, namespace: string, folder: string): ReadLog {
  const core = coreApi(cluster);
  return async (name) => {
    const log = await core.readNamespacedPodLog({ namespace, name, tailLines });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.log`), log);
    return log;
  };
}

/**
 * Keeps what the service's own log says of its errors, which an answer does not tell a client. A pod's log goes with
 * the pod, so it is read when the pod begins to drain: it has seconds to live, then.
 */
export function keepErrors(readLog: ReadLog, timeline: Timeline): ErrorLog {
  const logs = new Map<string, Promise<{ release: string; log: string }>>();
  const read = ({ name, version }: PodLife) => {
    if (logs.has(name)) return;
    // A pod that never ran has no log, one on a node that died cannot tell it.
    const log = readLog(name).catch(() => "");
    logs.set(
      name,
      log.then((text) => ({ release: version, log: text })),
    );
  };
  const pods = () => [...timeline.pods.values()].filter(({ goneAt }) => goneAt === undefined);
  const timer = setInterval(() => {
    for (const pod of pods()) if (pod.terminatingAt !== undefined) read(pod);
  }, 500);
  const stop = () => clearInterval(timer);
  return {
    stop,
    async end() {
      stop();
      pods().forEach(read);
      return loggedErrors(await Promise.all(logs.values()));
    },
  };
}

const logLine = z.object({
  level: z.union([z.number().min(50), z.enum(["error", "fatal"])]),
  err: z.object({ message: z.string(), code: z.string().optional() }),
});

/** The distinct errors in JSON logs, most frequent first. What is no such line is passed over. */
export function loggedErrors(logs: { release: string; log: string }[]): LoggedError[] {
  const errors = new Map<string, LoggedError>();
  for (const { release, log } of logs) {
    for (const text of log.split("\n")) {
      const message = messageIn(text);
      if (message === undefined) continue;
      const key = `${release} ${message}`;
      const error = errors.get(key) ?? { release, message, count: 0 };
      error.count++;
      errors.set(key, error);
    }
  }
  return [...errors.values()].sort((a, b) => b.count - a.count);
}

function messageIn(text: string): string | undefined {
  try {
    const { err } = logLine.parse(JSON.parse(text));
    return `${err.message}${err.code ? ` (${err.code})` : ""}`.replace(/\s+/g, " ").slice(0, 300);
  } catch {
    return undefined;
  }
}
