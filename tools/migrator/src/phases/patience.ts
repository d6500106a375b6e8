import { pause } from "../database/wait.ts";
import { afterAll, type Obstacle } from "./obstacle.ts";

/** How often what is waited for is looked at. */
const everyMs = 500;

/** One span of waiting, which starts anew with each migration that was applied. */
export interface Patience {
  leftMs(): number;
  restart(): void;
  /** Waits a moment for the obstacle to go away; throws once the span is over. */
  pauseFor(obstacle: Obstacle): Promise<void>;
}

export function createPatience(waitMs: number, signal: AbortSignal): Patience {
  let started = performance.now();
  const leftMs = () => Math.max(waitMs - (performance.now() - started), 0);
  return {
    leftMs,
    restart() {
      started = performance.now();
    },
    async pauseFor(obstacle) {
      const left = leftMs();
      if (left === 0) throw afterAll(obstacle, waitMs);
      await pause(Math.min(everyMs, left), signal);
    },
  };
}
