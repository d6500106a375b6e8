import type { Say, Step } from "../progress.ts";
import { draw } from "./draw/draw.ts";
import { changes, type Facts, factsOf } from "./draw/facts.ts";
import type { Live } from "./follow/live.ts";
import type { Screen } from "./terminal.ts";

/** With as much from the list itself at most five redraws a second. */
const everyMs = 400;
/** What the list puts around: its indentation, and its own lines, of which some wrap where it is narrow. */
const margin = { columns: 4, rows: 8, rowsWhereNarrow: 11 };
const narrow = 80;
const fewestRows = 5;

/**
 * Steps that show what goes on in the cluster below what they say of themselves; where nothing can be redrawn, each
 * change is a line. `live` is undefined as long as there is nothing to show.
 */
export function withLiveView(steps: Step[], live: () => Live | undefined, screen: Screen): Step[] {
  // One for all steps: what was a line once is not told again.
  const view = screen.interactive ? drawn(live, screen) : told(live);
  return steps.map((step) => ({
    ...step,
    async run(say, retitle) {
      let own: string | undefined;
      let failed = false;
      const show = (showing: View["changed"]) => {
        if (failed) return own === undefined ? undefined : say(own);
        try {
          showing(say, own);
        } catch (error) {
          // The run goes on without it: what is measured there is worth more.
          failed = true;
          say(`The live view has stopped: ${String(error)}`);
        }
      };
      const timer = setInterval(() => failed || show(view.tick), everyMs);
      try {
        await step.run((text) => {
          own = text;
          show(view.changed);
        }, retitle);
      } finally {
        clearInterval(timer);
      }
    },
  }));
}

/** `own` is what the step itself said last. */
interface View {
  /** Time went by. */
  tick(say: Say, own: string | undefined): void;
  /** The step has said something else. */
  changed(say: Say, own: string | undefined): void;
}

/** Below what the step says, which stays. */
function drawn(live: () => Live | undefined, { paint, columns, rows }: Screen): View {
  const show = (say: Say, own: string | undefined) => {
    const state = live()?.state(Date.now());
    const around = columns() < narrow ? margin.rowsWhereNarrow : margin.rows;
    const canvas = {
      width: columns() - margin.columns,
      height: Math.max(fewestRows, rows() - around),
      paint,
    };
    const lines = [...(own === undefined ? [] : [own]), ...(state ? draw(state, canvas) : [])];
    if (lines.length > 0) say(lines.join("\n"));
  };
  return { tick: show, changed: show };
}

/** Line by line, after what the step says. */
function told(live: () => Live | undefined): View {
  let before: Facts = new Map();
  return {
    tick(say) {
      const state = live()?.state(Date.now());
      if (!state) return;
      const facts = factsOf(state);
      for (const line of changes(before, facts)) say(line);
      before = facts;
    },
    changed: (say, own = "") => say(own),
  };
}
