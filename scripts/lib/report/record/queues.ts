import type { QueueSeen } from "../../rollout/lock-queues.ts";

/** Clients that waited for locks of one table, from the first to the last. Times in ms since the load's start. */
export interface Queue {
  from: number;
  to: number;
  what: string;
  modes: string;
  /** How many waited at once, at most. */
  sessions: number;
  longestMs: number;
}

/** The looks of one queue are this close to each other. */
const gapMs = 1_000;

/** Looks that saw the same table waited for, one after the other, made one queue. */
export function queuesOf(seen: readonly QueueSeen[], startedAt: number): Queue[] {
  const queues: Queue[] = [];
  for (const { at, what, modes, sessions, longestMs } of seen) {
    const to = at - startedAt;
    const from = Math.max(0, to - longestMs);
    const open = queues.findLast((queue) => queue.what === what && from - queue.to <= gapMs);
    if (!open) {
      queues.push({ from, to, what, modes, sessions, longestMs });
      continue;
    }
    open.to = to;
    open.modes = [...new Set([open.modes, modes].flatMap((text) => text.split(", ")))].sort().join(", ");
    open.sessions = Math.max(open.sessions, sessions);
    open.longestMs = Math.max(open.longestMs, longestMs);
  }
  return queues;
}
