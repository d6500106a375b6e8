import type { LiveState } from "../model/state.ts";
import { drawJobs } from "./jobs.ts";
import { drawLoad } from "./load.ts";
import { type Paint, plain } from "./paint.ts";
import { drawPhases } from "./phases.ts";
import { drawPods } from "./pods.ts";
import { type Piece, row } from "./row.ts";
import { elapsed } from "./words.ts";

export interface Canvas {
  /** Columns that no line may be wider than. */
  width: number;
  /** Lines that must be enough; where they are not, pods are drawn in brief. */
  height?: number;
  paint?: Paint;
}

/** The live view of a moment, as lines of a terminal. What changes least in height stands first: it does not jump. */
export function draw(state: LiveState, { width, height = 1_000, paint = plain }: Canvas): string[] {
  const all = linesOf(state, width, false);
  const lines = all.length > height ? linesOf(state, width, true) : all;
  const fit =
    lines.length > height
      ? [...lines.slice(0, height - 1), [["dim", `… ${lines.length - height + 1} more lines`]] as Piece[]]
      : lines;
  return fit.map((pieces) => row(pieces, width, paint));
}

function linesOf(state: LiveState, width: number, brief: boolean): Piece[][] {
  const pods = drawPods(state, brief);
  return [
    ...silence(state),
    ...drawPhases(state, width),
    ...drawLoad(state, width),
    ...(pods.length > 0 ? pods : nothingYet(state)),
    ...drawJobs(state, width),
  ];
}

/** Longer than a restart of it takes. */
const longSilenceMs = 60_000;

function silence({ silentSince, now }: LiveState): Piece[][] {
  if (silentSince === undefined) return [];
  const lasts = now - silentSince;
  // Its address and its certificate would be others.
  const hint = lasts < longSilenceMs ? "" : " Was the cluster made anew? Then start again.";
  return [[["red", `The API server does not answer (${elapsed(lasts)}); still trying.${hint}`]]];
}

const nothingYet = ({ namespace }: LiveState): Piece[][] => [
  [`No blog in namespace ${namespace} yet. make deploy or make demo brings one.`],
];
