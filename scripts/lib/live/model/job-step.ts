import type { LogLine } from "../../rollout/job-log.ts";
import { lastWord } from "../../rollout/job-log.ts";

/** What a migrator is doing right now, as its own log tells. */
export interface JobStep {
  migration?: string;
  phase?: string;
  /** What it said last. */
  says?: string;
  /** Of a backfill. */
  percent?: number;
  rowsDone?: number;
  etaSeconds?: number;
}

export function jobStep(lines: LogLine[]): JobStep {
  const begun = lines.findLastIndex(({ message }) => message === "applying");
  const own = begun < 0 ? [] : lines.slice(begun);
  const { migration, phase } = own[0] ?? {};
  const last = lines.at(-1);
  // An earlier attempt's last word is not what this one is at.
  const says = last?.event === "summary" ? lastWord(lines) : last?.message;
  if (!migration || own.some((line) => line.migration === migration && line.message === "applied"))
    return says ? { says } : {};
  const progress = own.findLast(({ rowsDone }) => rowsDone !== undefined);
  // Later lines without a percentage, of the last sweeps, say that the first pass is over.
  const { percent, rowsDone, etaSeconds } = progress ?? {};
  return {
    migration,
    ...(phase && { phase }),
    ...(says && says !== "applying" && { says }),
    ...(percent !== undefined && { percent }),
    ...(rowsDone !== undefined && { rowsDone }),
    ...(etaSeconds !== undefined && { etaSeconds }),
  };
}
