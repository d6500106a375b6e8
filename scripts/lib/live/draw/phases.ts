import { duration } from "../../report/view/words.ts";
import { livePhases } from "../model/phases.ts";
import { open } from "../model/span.ts";
import type { LiveState } from "../model/state.ts";
import { type Piece, wrapped } from "./row.ts";
import { elapsed, phaseWords } from "./words.ts";

/** More than an upgrade has, so that the one before is still there to compare with. */
const shown = 10;

/** What has been going on, one after the other; what goes on now stands out. */
export function drawPhases(state: LiveState, width: number): Piece[][] {
  const phases = livePhases(state).slice(-shown);
  if (phases.length === 0) return [];
  const items = phases.map(({ name, from, to }, index): Piece[] => {
    const separator: Piece = ["dim", index < phases.length - 1 ? " › " : ""];
    return to === open
      ? [["bold", `▸ ${phaseWords[name]}`], ` ${elapsed(state.now - from)}`, separator]
      : [["dim", `${phaseWords[name]} ${duration(to - from)}`], separator];
  });
  return wrapped("Phase  ", items, width);
}
