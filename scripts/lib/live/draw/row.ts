import { stripVTControlCharacters } from "node:util";
import truncate from "cli-truncate";
import columnsOf from "string-width";
import type { Paint, Style } from "./paint.ts";

/** A part of a line: a text, or a text with a look. */
export type Piece = string | [Style, string];

/** Text of others on one line: what would move the cursor, or turn the writing round, is taken out. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ")
    .trim();

/** As many columns as the longest of some names needs, within bounds: a name must not push all else aside. */
export const columnFor = (names: string[], least: number, most: number): number =>
  Math.min(most, Math.max(least, ...names.map((name) => columnsOf(name) + 1)));

/** Exactly so many columns: cut with an ellipsis, or filled up with spaces. */
export function cell(text: string, columns: number): string {
  const cut = truncate(text, columns);
  return cut + " ".repeat(Math.max(0, columns - columnsOf(cut)));
}

/** One line of the screen, never wider than `width` columns. */
export function row(pieces: Piece[], width: number, paint: Paint): string {
  let left = width;
  let line = "";
  for (const piece of pieces) {
    if (left <= 0) break;
    const [style, text] = typeof piece === "string" ? [undefined, piece] : piece;
    const cut = truncate(text, left);
    left -= columnsOf(cut);
    line += style === undefined ? cut : paint(style, cut);
    if (cut !== text) break;
  }
  return line.trimEnd();
}

export const widthOf = (pieces: Piece[]): number =>
  columnsOf(pieces.map((piece) => (typeof piece === "string" ? piece : piece[1])).join(""));

/** Puts pieces on as many lines as they need, with the first word's width in front of those that follow. */
export function wrapped(first: Piece, items: Piece[][], width: number): Piece[][] {
  const indent = widthOf([first]);
  const lines: Piece[][] = [[first]];
  let used = indent;
  for (const item of items) {
    const needs = widthOf(item);
    if (used > indent && used + needs > width) {
      lines.push([" ".repeat(indent)]);
      used = indent;
    }
    lines.at(-1)?.push(...item);
    used += needs;
  }
  return lines;
}
