import type { Fault } from "./fault.ts";

/** Remembers what was seen, and tells what will not pass any more. Times in ms. */
export function hope(since: number) {
  const firstSeen = new Map<string, number>();
  const happened = new Map<string, Set<number>>();
  return {
    /** The first of these that is final now, if one is. */
    lostTo(faults: readonly Fault[], now: number): Fault | undefined {
      const there = new Set(faults.map(({ key }) => key));
      // One that went away was no reason; the next time it begins anew.
      for (const key of firstSeen.keys()) if (!there.has(key)) firstSeen.delete(key);
      return faults.find(({ key, final }) => {
        if ("times" in final) {
          const times = happened.get(key) ?? new Set();
          // What happened before was what somebody may have repaired since. API servers say whole seconds.
          if (final.at.getTime() >= since - 1_000) times.add(final.at.getTime());
          happened.set(key, times);
          return times.size >= final.times;
        }
        const first = firstSeen.get(key) ?? now;
        firstSeen.set(key, first);
        return now - first >= final.afterMs;
      });
    },
  };
}
