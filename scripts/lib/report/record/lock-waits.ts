import type { LogLine } from "../../rollout/job-log.ts";

/** One time a migration had to wait for a lock, as its own log tells. */
export interface LockWait {
  /** When it was first seen, and when the log went on. */
  from: number;
  to: number;
  migration?: string;
  /** The table waited for, or what else. */
  what: string;
  mode?: string;
  heldBy: string;
  /** `granted`; `given up`, rolled back and tried again after a pause; `unknown` where the log ends. */
  outcome: "granted" | "given up" | "unknown";
  pauseMs?: number;
}

type Open = Omit<LockWait, "to" | "outcome">;

/**
 * The waits in the log of one Job. The migrator tells of a wait when it sees one, of an attempt that it gave up, and
 * of what it does next, which ends the wait.
 */
export function lockWaits(lines: LogLine[], startedAt: number): LockWait[] {
  const waits: LockWait[] = [];
  let open: Open | undefined;
  /** When the attempt that now runs began, as far as the log tells. */
  let began = 0;
  const end = (at: number, outcome: LockWait["outcome"], pauseMs?: number) => {
    if (open) waits.push({ ...open, to: at, outcome, ...(pauseMs !== undefined && { pauseMs }) });
    open = undefined;
  };
  for (const line of lines) {
    const at = Date.parse(line.time) - startedAt;
    const seen = waitOf(line);
    if (line.attempt !== undefined) {
      // The same wait as in the attempt before is not told twice: this line is all there is of it.
      open ??= seen && { from: began, ...seen };
      end(at, "given up", line.pauseMs);
    } else if (seen === undefined) end(at, line.event === "summary" ? "unknown" : "granted");
    // Another holder is another wait; it began where the last one ended.
    else if (seen.what !== open?.what || seen.heldBy !== open.heldBy) {
      end(at, "granted");
      open = { from: at, ...seen };
    }
    began = at + (line.pauseMs ?? 0);
  }
  const last = lines.at(-1);
  if (last) end(Date.parse(last.time) - startedAt, "unknown");
  return waits;
}

function waitOf({ wait, holder, migration }: LogLine): Omit<Open, "from"> | undefined {
  const of = migration ? { migration } : {};
  if (wait)
    return {
      ...of,
      what: wait.relation ?? "another transaction",
      mode: wait.mode,
      heldBy: wait.blockers.map(describe).join(", "),
    };
  return holder && { ...of, what: "the migrator's lock", heldBy: describe(holder) };
}

function describe({ pid, applicationName, state }: NonNullable<LogLine["holder"]>): string {
  const facts = [applicationName, state].filter(Boolean).join(", ");
  return `pid ${pid}${facts && ` (${facts})`}`;
}
