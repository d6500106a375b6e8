import { number } from "../../lib/report/view/words.ts";
import type { Cell, Repair } from "../cell.ts";
import { deployed } from "./words.ts";

/** A cell in a few words: what clients noticed, other harm, when it was deployed, how the next deploy went. */
export interface Glance {
  /** Whether there was harm; `never` where there was none, but no release either. */
  kind: "good" | "bad" | "never";
  lines: string[];
}

export function glanceOf(cell: Cell): Glance {
  const { load, ran, left, repair, rights } = cell;
  if (rights) {
    const lasting = rights.some((holder) => holder.lasting);
    return lasting
      ? { kind: "bad", lines: ["every pod, all the time"] }
      : { kind: "good", lines: ["only while it migrates"] };
  }
  const harm = [
    load && load.failed > 0 ? `${number(load.failed)} failed · ${load.longestGapSeconds} s` : "",
    (ran.effects ?? 1) > 1 ? `done ${ran.effects} times` : "",
    left.invalidIndexes.length > 0 ? "an invalid index is left" : "",
  ].filter(Boolean);
  const kind = harm.length > 0 ? "bad" : cell.deployedSeconds === null ? "never" : "good";
  const lines = [
    ...(harm.length > 0 || !load ? harm : ["0 failed"]),
    deployed(cell),
    ...(repair ? [nextDeploy(repair)] : []),
  ];
  return { kind, lines };
}

const nextDeploy = ({ attempts }: Repair): string => {
  const worked = attempts.findIndex((attempt) => attempt.worked);
  if (worked < 0) return "stuck";
  return worked === 0 ? "the next deploy works" : "then a step by hand";
};
