import { createLogUpdate } from "log-update";
import type { Timeline } from "../rollout/timeline.ts";
import { draw } from "./draw/draw.ts";
import { changes, type Facts, factsOf } from "./draw/facts.ts";
import { row } from "./draw/row.ts";
import type { Live } from "./follow/live.ts";
import { type Screen, screen } from "./terminal.ts";

/** Often enough for the eye; the two cores are the load's and the cluster's, too. */
const everyMs = 400;
/** A view that is left open over night must not remember every pod of the day before. */
const forgottenAfterMs = 10 * 60_000;

export interface Shown {
  /** Leaves the terminal as it was found, with the last picture on it. */
  end(): void;
}

/** Shows a namespace until ended: redrawn on a terminal, a line for each change elsewhere. */
export function show(live: Live, timeline: Timeline, title: string): Shown {
  const terminal = screen();
  const { tick, end } = terminal.interactive ? picture(live, title, terminal) : lines(live);
  const timer = setInterval(() => {
    forget(timeline, Date.now());
    tick();
  }, everyMs);
  return {
    end() {
      clearInterval(timer);
      end();
    },
  };
}

function picture(live: Live, title: string, { paint, columns, rows }: Screen) {
  const update = createLogUpdate(process.stdout);
  return {
    tick() {
      const width = columns();
      const state = live.state(Date.now());
      const clock = new Date(state.now).toTimeString().slice(0, 8);
      const head = row(
        [
          ["bold", title],
          ["dim", `   ${clock}   q or Ctrl-C ends`],
        ],
        width,
        paint,
      );
      // The line below the last one is the cursor's.
      const picture = draw(state, { width, height: rows() - 3, paint });
      update([head, "", ...picture].join("\n"));
    },
    end: () => update.done(),
  };
}

function lines(live: Live) {
  let told: Facts = new Map();
  return {
    tick() {
      const state = live.state(Date.now());
      const facts = factsOf(state);
      const clock = new Date(state.now).toTimeString().slice(0, 8);
      for (const line of changes(told, facts)) console.log(`${clock} ${line}`);
      told = facts;
    },
    end() {},
  };
}

function forget({ pods, jobs }: Timeline, now: number): void {
  const old = ({ goneAt = now }) => now - goneAt > forgottenAfterMs;
  for (const [name, pod] of pods) if (old(pod)) pods.delete(name);
  for (const [name, job] of jobs) if (old(job)) jobs.delete(name);
}
