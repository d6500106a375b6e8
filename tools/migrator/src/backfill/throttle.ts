import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../classify.ts";
import type { MigrationContext } from "../online/context.ts";
import { type Lag, readLag } from "./lag.ts";
import type { Pace } from "./pace.ts";

export interface Throttle {
  /** Runs one batch and looks meanwhile at how quickly the server answers others. */
  watching<T>(batch: () => Promise<T>): Promise<T>;
  /** Waits as long as the load asks for. */
  pause(batchMs: number): Promise<void>;
  /** How long that was altogether. */
  restedMs(): number;
}

const longestPauseMs = 2_000;
const lagEveryMs = 1_000;
/** The role, the database or the server has as many connections as it may have. */
const noRoom = "53300";

/**
 * How long to rest after a batch. The probe is the time of a statement that does nothing, in a second session while
 * the batch runs: it waits for a processor and the network like any query of the application. Up to four times its
 * floor (and 5 ms above it) is nothing; beyond that the rest grows with it, so the backfill takes ever less.
 */
export function restMs(probeMs: number, floorMs: number, batchMs: number): number {
  const normal = Math.max(floorMs * 4, floorMs + 5);
  return probeMs <= normal ? 0 : Math.min(longestPauseMs, batchMs * (probeMs / normal));
}

export const behind = (lag: Lag, pace: Pick<Pace, "maxLagMs" | "maxLagBytes">) =>
  lag.ms > pace.maxLagMs || lag.bytes > pace.maxLagBytes;

/** Needs a second session, so TypeORM's own CLI has none of it. */
export function createThrottle(context: MigrationContext | undefined, pace: Pace): Throttle {
  if (context === undefined || !pace.throttle) {
    return { watching: (batch) => batch(), pause: async () => {}, restedMs: () => 0 };
  }
  const { aside, log, signal } = context;
  let floorMs = Number.POSITIVE_INFINITY;
  let recentMs: number[] = [];
  let lagReadAt = Number.NEGATIVE_INFINITY;
  let told = false;
  let blind = false;
  let restedMs = 0;

  const rest = async (ms: number) => {
    restedMs += ms;
    await sleep(ms, undefined, { signal });
  };

  /** Where the server has no room for a second session, a backfill without pauses is better than none. */
  const looking = async (look: () => Promise<void>) => {
    if (blind) return;
    await look().catch((error) => {
      if (codeOf(error) !== noRoom) throw error;
      blind = true;
      log.warn({ err: error }, "no second session to be had: going on without looking at load and replicas");
    });
  };

  const probe = async () => {
    const started = performance.now();
    await aside("SELECT");
    const ms = performance.now() - started;
    floorMs = Math.min(floorMs, ms);
    recentMs = [...recentMs.slice(-4), ms];
  };

  const waitForReplicas = async () => {
    if (performance.now() - lagReadAt < lagEveryMs) return;
    for (let waited = false; ; waited = true) {
      const lag = await readLag(aside);
      lagReadAt = performance.now();
      if (!behind(lag, pace)) {
        if (waited) log.info({ lag }, "the replicas have caught up; going on");
        return;
      }
      if (!waited)
        log.warn({ lag, maxLagMs: pace.maxLagMs, maxLagBytes: pace.maxLagBytes }, "waiting for replicas");
      await rest(lagEveryMs);
    }
  };

  return {
    async watching(batch) {
      // The first ones, with nothing of ours running, are the measure for all others.
      if (floorMs === Number.POSITIVE_INFINITY) for (let i = 0; i < 5; i += 1) await looking(probe);
      const [result] = await Promise.all([batch(), looking(probe)]);
      return result;
    },
    async pause(batchMs) {
      await looking(waitForReplicas);
      if (blind) return;
      const probeMs = middle(recentMs);
      const ms = restMs(probeMs, floorMs, batchMs);
      if (ms === 0) {
        told = false;
        return;
      }
      if (!told) {
        log.info(
          { probeMs: round(probeMs), floorMs: round(floorMs), pauseMs: round(ms) },
          "the database is slow to answer; resting between batches",
        );
      }
      told = true;
      await rest(ms);
    },
    restedMs: () => Math.round(restedMs),
  };
}

/** One slow answer among five is chance. */
const middle = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const round = (ms: number) => Math.round(ms * 10) / 10;
