import { number } from "../../report/view/words.ts";
import { drawnSeconds, type VersionLoad } from "../model/load-counts.ts";
import type { LiveState } from "../model/state.ts";
import { drawAxis } from "./axis.ts";
import { versionStyle } from "./colours.ts";
import type { Style } from "./paint.ts";
import { cell, columnFor, oneLine, type Piece } from "./row.ts";

const bars = "▁▂▃▄▅▆▇█";
const indent = "       ";
/** Columns of the figures behind the bars. */
const figureColumns = 42;
const noAnswer = "no answer";
/** Fewer seconds than this tell nothing. */
const fewestSeconds = 10;

/** Requests by release, second by second; a second with a failure is marked. Below them what went on at the time. */
export function drawLoad(state: LiveState, width: number): Piece[][] {
  const { load } = state;
  if (!load) return [];
  const style = versionStyle(state);
  const nameColumns = columnFor(
    load.versions.map(({ version }) => version || noAnswer),
    5,
    14,
  );
  const room = width - indent.length - nameColumns - figureColumns;
  const seconds = room < fewestSeconds ? 0 : Math.min(room, drawnSeconds);
  const most = Math.max(1, ...load.versions.flatMap((one) => one.seconds.map(({ requests }) => requests)));
  const rate = `${number(load.perSecond)} requests/s`;
  const versions = load.versions.flatMap((one): Piece[][] => [
    [
      indent,
      [style(one.version), `${cell(one.version || noAnswer, nameColumns - 1)} `],
      ...sparks(one, seconds, most, style(one.version)),
      figures(one),
      failures(one.failed),
    ],
    ...lastFailure(one),
  ]);
  const axis: Piece[][] = seconds > 0 ? [[indent, " ".repeat(nameColumns), ...drawAxis(state, seconds)]] : [];
  return [
    ["Load   ", ["bold", rate], `  p99 ${Math.round(load.p99)} ms  `, failures(load.failed)],
    ...versions,
    ...axis,
  ];
}

const figures = ({ perSecond, answered }: VersionLoad) =>
  `${`${number(perSecond)}/s`.padStart(8)}${`${number(answered)} requests`.padStart(19)}  `;

const failures = (failed: number): Piece =>
  failed === 0 ? ["green", "0 failed"] : [["red", "bold"], `${number(failed)} failed`];

function sparks({ seconds }: VersionLoad, columns: number, most: number, style: Style): Piece[] {
  const marks = seconds.slice(seconds.length - columns).map(({ requests, failed }): [Style, string] => {
    if (failed > 0) return ["red", "✖"];
    return [style, bars[Math.ceil((requests / most) * bars.length) - 1] ?? " "];
  });
  return marks.reduce<[Style, string][]>((pieces, [look, mark]) => {
    const last = pieces.at(-1);
    if (last?.[0] === look) last[1] += mark;
    else pieces.push([look, mark]);
    return pieces;
  }, []);
}

const lastFailure = ({ lastFailure }: VersionLoad): Piece[][] =>
  lastFailure === undefined ? [] : [[indent, ["red", `  ${oneLine(lastFailure)}`]]];
