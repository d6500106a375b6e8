import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../classify.ts";
import type { MigrationContext } from "../online/context.ts";
import { hasCompany } from "./company.ts";
import { type Lag, readLag } from "./lag.ts";
import type { Pace } from "./pace.ts";

export interface Throttle {
  /** Runs one batch and looks meanwhile at how quickly the server answers others. */
  watching<T>(batch: () => Promise<T>): Promise<T>;
  /** How long a statement takes of which the server has nothing to do: the way there and back. */
  wayMs(): number;
  /** How long the server should work on the next batch. */
  targetMs(): number;
  /** Waits as long as the load asks for after a batch the server worked on for so long. */
  pause(workMs: number): Promise<void>;
  /** How long that was altogether. */
  restedMs(): number;
}

const longestPauseMs = 2_000;
const lookEveryMs = 1_000;
/** The role, the database or the server has as many connections as it may have. */
const noRoom = "53300";

/** What the rest after a batch depends on. */
export interface Strain {
  /** How long the server worked on the batch. */
  workMs: number;
  /** How much of the time is ours. */
  share: number;
  /**
   * The time of a statement that does nothing, in a second session while the batch runs: it waits for a processor and the
   * network like any query of the application. And the least it ever took.
   */
  probeMs: number;
  floorMs: number;
}

/** Up to four times its floor (and 5 ms above it) is nothing. */
const normal = ({ floorMs }: Strain) => Math.max(floorMs * 4, floorMs + 5);

export const isSlow = (strain: Strain) => strain.probeMs > normal(strain);

/** What leaves the others their share. The slower the server answers, the longer, so the backfill takes ever less. */
export function restMs(strain: Strain): number {
  const { workMs, share, probeMs } = strain;
  const theirs = workMs * (1 / share - 1);
  const relief = isSlow(strain) ? workMs * (probeMs / normal(strain)) : 0;
  return Math.min(longestPauseMs, Math.max(theirs, relief));
}

export const behind = (lag: Lag, pace: Pick<Pace, "maxLagMs" | "maxLagBytes">) =>
  lag.ms > pace.maxLagMs || lag.bytes > pace.maxLagBytes;

/** Needs a second session, so TypeORM's own CLI has none of it. */
export function createThrottle(context: MigrationContext | undefined, pace: Pace): Throttle {
  if (context === undefined || !pace.throttle) {
    return {
      watching: (batch) => batch(),
      wayMs: () => 0,
      targetMs: () => pace.targetMs,
      pause: async () => {},
      restedMs: () => 0,
    };
  }
  const { aside, log, signal } = context;
  let floorMs = Number.POSITIVE_INFINITY;
  let recentMs: number[] = [];
  let lookedAt = Number.NEGATIVE_INFINITY;
  // Until it is known; where nobody can look it stays so.
  let company = true;
  let told = false;
  let blind = false;
  let restedMs = 0;

  const rest = async (ms: number) => {
    if (ms === 0) return;
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

  const lookAround = async () => {
    if (performance.now() - lookedAt < lookEveryMs) return;
    for (let waited = false; ; waited = true) {
      const lag = await readLag(aside);
      company = await hasCompany(aside);
      lookedAt = performance.now();
      if (!behind(lag, pace)) {
        if (waited) log.info({ lag }, "the replicas have caught up; going on");
        return;
      }
      if (!waited)
        log.warn({ lag, maxLagMs: pace.maxLagMs, maxLagBytes: pace.maxLagBytes }, "waiting for replicas");
      await rest(lookEveryMs);
    }
  };

  return {
    async watching(batch) {
      // The first ones, with nothing of ours running, are the measure for all others.
      if (floorMs === Number.POSITIVE_INFINITY) for (let i = 0; i < 5; i += 1) await looking(probe);
      const [result] = await Promise.all([batch(), looking(probe)]);
      return result;
    },
    wayMs: () => (Number.isFinite(floorMs) ? floorMs : 0),
    targetMs: () => (company ? pace.sharedTargetMs : pace.targetMs),
    async pause(workMs) {
      await looking(lookAround);
      const share = company ? pace.share : 1;
      const strain = { workMs, share, probeMs: blind ? 0 : middle(recentMs), floorMs };
      const ms = restMs(strain);
      if (!isSlow(strain)) {
        told = false;
        return rest(ms);
      }
      if (!told) {
        log.info(
          { probeMs: round(strain.probeMs), floorMs: round(floorMs), pauseMs: round(ms) },
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
