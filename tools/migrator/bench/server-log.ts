export interface Wait {
  pid: number;
  ms: number;
  /** Who held the lock, or stood before it in the queue. */
  behind: number[];
}

/** The server times waits for locks itself: it logs one that lasts deadlock_timeout, and again when it is over. */
export const lockWaitSettings = { log_lock_waits: "on", deadlock_timeout: "10ms", log_line_prefix: "" };

/** Pairs "still waiting" (which says behind whom) with the line of the lock that came at last. */
export function waitsIn(serverLog: string): Wait[] {
  const open = new Map<string, Wait>();
  const over: Wait[] = [];
  const line =
    /process (\d+) (still waiting for|acquired) (.+) after ([\d.]+) ms\n(?:DETAIL: +Process(?:es)? holding the lock: ([\d, ]+)\. Wait queue: ([\d, ]*))?/g;
  for (const [, id = "", event, what = "", ms = "", holders = "", queue = ""] of serverLog.matchAll(line)) {
    const pid = Number(id);
    const key = `${pid} ${what}`;
    const queued = numbers(queue);
    const before = [...numbers(holders), ...queued.slice(0, Math.max(queued.indexOf(pid), 0))];
    const behind = [...new Set([...(open.get(key)?.behind ?? []), ...before])];
    const wait = { pid, ms: Number(ms), behind };
    if (event === "acquired") {
      open.delete(key);
      over.push(wait);
    } else open.set(key, wait);
  }
  return [...over, ...open.values()];
}

const numbers = (list: string) => list.split(",").filter(Boolean).map(Number);
