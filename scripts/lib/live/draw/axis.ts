import type { LivePhase } from "../model/phase.ts";
import { livePhases } from "../model/phases.ts";
import type { LiveState } from "../model/state.ts";
import { cell, type Piece } from "./row.ts";
import { phaseWords } from "./words.ts";

/** The phases to scale, a column for a second, up to the last whole one; as far as they follow one another. */
export function drawAxis(state: LiveState, seconds: number): Piece[] {
  const end = Math.floor(state.now / 1000);
  // Backfills and contracts may run while pods are replaced.
  const phases = livePhases(state).filter(({ name }) => name !== "backfill" && name !== "contract");
  const columns = Array.from({ length: seconds }, (_, index) => {
    const middle = (end - seconds + index + 0.5) * 1000;
    return phases.findLast(({ from, to }) => from <= middle && middle < to);
  });
  return runs(columns).map(
    ([phase, length]): Piece => ["dim", phase ? label(phase, length) : " ".repeat(length)],
  );
}

function runs<T>(items: T[]): [T, number][] {
  const all: [T, number][] = [];
  for (const item of items) {
    const last = all.at(-1);
    if (last && last[0] === item) last[1] += 1;
    else all.push([item, 1]);
  }
  return all;
}

/** What begins here, as far as there is room for its name. */
const label = ({ name }: LivePhase, length: number) => `╰${cell(phaseWords[name], length - 1)}`;
