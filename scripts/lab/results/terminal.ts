import type { Cell } from "../cell.ts";
import { strategies } from "../strategies.ts";
import { trials } from "../trials.ts";
import { deployed, toDo } from "./words.ts";

/** The table that is printed in the end: a line a cell, what matters most of it. */
export function tableText(cells: Cell[]): string {
  const lines = trials.flatMap(({ name, title }) => {
    const rows = strategies.flatMap((strategy) =>
      cells.filter((cell) => cell.trial === name && cell.strategy === strategy.name),
    );
    return rows.length === 0 ? [] : ["", title, ...rows.map(line)];
  });
  return lines.join("\n");
}

function line(cell: Cell): string {
  const { load, ran, rights } = cell;
  const clients = load
    ? `failed ${String(load.failed).padStart(5)}  gap ${load.longestGapSeconds.toFixed(1).padStart(5)} s  p99 ${load.p99.toFixed(0).padStart(5)} ms`
    : (rights ?? []).map(({ identity }) => identity).join("; ");
  const figures = `deployed ${deployed(cell).padStart(7)}  ran ${ran.begun}/${ran.recorded}${ran.effects === undefined ? "" : `/${ran.effects}`}`;
  const next = cell.repair ? `  next: ${toDo(cell)}` : "";
  return `  ${cell.strategy.padEnd(22)} ${cell.command.succeeded ? "ok    " : "failed"}  ${figures}  ${clients}${next}`;
}
