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
  /** `granted`; `given up`, rolled back, and tried again after a pause, if there is one; `unknown` where the log ends. */
  outcome: "granted" | "given up" | "unknown";
  pauseMs?: number;
}

interface Seen {
  migration?: string;
  what: string;
  mode?: string;
  /** Who holds the lock, by process, in the order in which they were seen. */
  holders: Map<number, string>;
}

/**
 * The waits in the log of one Job. The migrator tells of a wait when it sees one and when somebody else holds the lock,
 * of an attempt that it gave up, and of what it does next, which ends the wait.
 */
export function lockWaits(lines: LogLine[], startedAt: number): LockWait[] {
  const waits: LockWait[] = [];
  let open: (Seen & { from: number }) | undefined;
  /** When the attempt that now runs began, as far as the log tells. */
  let began = 0;
  const end = (to: number, outcome: LockWait["outcome"], pauseMs?: number) => {
    if (!open) return;
    const { holders, ...wait } = open;
    const heldBy = [...holders.values()].join(", ");
    waits.push({ ...wait, to, heldBy, outcome, ...(pauseMs !== undefined && { pauseMs }) });
    open = undefined;
  };
  for (const line of lines) {
    const at = Date.parse(line.time) - startedAt;
    const seen = waitOf(line);
    if (line.attempt !== undefined) {
      // The same wait as in the attempt before is not told twice: this line is all there is of it.
      open ??= seen && { from: began, ...seen };
      end(at, "given up", line.pauseMs);
    } else if (seen === undefined) end(at, line.exitCode ? "given up" : "granted");
    else if (open && isSameLock(seen, open))
      for (const [pid, who] of seen.holders) open.holders.set(pid, who);
    else {
      end(at, "granted");
      open = { from: at, ...seen };
    }
    began = at + (line.pauseMs ?? 0);
  }
  const last = lines.at(-1);
  if (last) end(Date.parse(last.time) - startedAt, "unknown");
  return waits;
}

/** A table's lock stays the same, whoever else holds it; one transaction after the other is another wait each. */
const isSameLock = (a: Seen, b: Seen) => a.what === b.what && a.mode === b.mode && a.what !== transaction;

const transaction = "another transaction";

function waitOf({ wait, holder, migration }: LogLine): Seen | undefined {
  const of = migration ? { migration } : {};
  if (wait)
    return { ...of, what: wait.relation ?? transaction, mode: wait.mode, holders: named(wait.blockers) };
  return holder && { ...of, what: "the migrator's lock", holders: named([holder]) };
}

const named = (sessions: NonNullable<LogLine["holder"]>[]) =>
  new Map(
    sessions.map(({ pid, applicationName, state }) => {
      const facts = [applicationName, state].filter(Boolean).join(", ");
      return [pid, `pid ${pid}${facts && ` (${facts})`}`];
    }),
  );
