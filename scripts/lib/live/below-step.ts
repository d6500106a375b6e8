import type { Say, Step } from "../progress.ts";
import { draw } from "./draw.ts";
import { changes, type Facts, factsOf } from "./facts.ts";
import type { Live } from "./live.ts";
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
  const show = screen.interactive ? drawer(live, screen) : teller(live);
  return steps.map((step) => ({
    ...step,
    async run(say, retitle) {
      let own = step.title;
      const timer = setInterval(() => {
        try {
          show(say, own);
        } catch (error) {
          // The run goes on without it: what is measured there is worth more.
          clearInterval(timer);
          say(`The live view has stopped: ${String(error)}`);
        }
      }, everyMs);
      try {
        await step.run((text) => {
          own = text;
          say(text);
        }, retitle);
      } finally {
        clearInterval(timer);
      }
    },
  }));
}

/** `own` is what the step itself said last: it stays above. */
type Show = (say: Say, own: string) => void;

function drawer(live: () => Live | undefined, { paint, columns, rows }: Screen): Show {
  return (say, own) => {
    const state = live()?.state(Date.now());
    if (!state) return;
    const around = columns() < narrow ? margin.rowsWhereNarrow : margin.rows;
    const canvas = {
      width: columns() - margin.columns,
      height: Math.max(fewestRows, rows() - around),
      paint,
    };
    say([own, ...draw(state, canvas)].join("\n"));
  };
}

function teller(live: () => Live | undefined): Show {
  let told: Facts = new Map();
  return (say) => {
    const state = live()?.state(Date.now());
    if (!state) return;
    const facts = factsOf(state);
    for (const line of changes(told, facts)) say(line);
    told = facts;
  };
}
