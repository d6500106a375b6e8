import { arrived, bounds, type Summary } from "../../load/summary.ts";
import { type Html, html } from "./html.ts";
import { number } from "./words.ts";

interface Figure {
  title: string;
  value: string;
  unit?: string;
  note: string;
  /** Out of what was promised. */
  bad?: boolean;
}

/** The figures that the verdict rests on, each with what it is held against. */
export function figures(summary: Summary): Html {
  return html`<dl class="figures">${figuresOf(summary).map(
    ({ title, value, unit, note, bad }) =>
      html`<div class="${bad ? "bad" : ""}"><dt>${title}</dt><dd class="value">${value}${unit ? html`<small> ${unit}</small>` : ""}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>`;
}

function figuresOf(summary: Summary): Figure[] {
  const { lostWrites, duplicatedWrites, alteredWrites, longestStallMs, droppedIterations } = summary;
  return [
    {
      title: "Requests",
      value: number(summary.requests),
      note: `${number(summary.requestsPerSecond)}/s, ${number(droppedIterations)} dropped`,
      bad: droppedIterations > 0 || !arrived(summary),
    },
    {
      title: "Failed",
      value: number(summary.failed),
      note:
        summary.failed === 0
          ? "not one request"
          : `${share(summary.failed, summary.requests)} of all requests`,
      bad: summary.failed > 0,
    },
    {
      title: "Writes lost",
      value: number(lostWrites),
      note: `of ${number(summary.acknowledgedWrites)} read back; ${number(duplicatedWrites)} duplicated, ${number(alteredWrites)} altered`,
      bad: lostWrites + duplicatedWrites + alteredWrites > 0,
    },
    {
      title: "Longest stall",
      value: Number.isFinite(longestStallMs) ? number(longestStallMs) : "–",
      unit: "ms",
      note: `without any answer; bound ${number(bounds.longestStallMs)} ms`,
      // In JSON there is no infinity: a run that answered nothing has no figure.
      bad: !Number.isFinite(longestStallMs) || longestStallMs > bounds.longestStallMs,
    },
    ...connections(summary),
    {
      title: "Old and new at once",
      value: String(summary.mixedSeconds),
      unit: "s",
      note: servedNote(summary),
      // A release that was never to serve, because its migration failed, is no reason.
      bad: summary.reasons.some((reason) => reason.endsWith("never served")),
    },
    ...rollout(summary),
  ];
}

/** Records of runs from before they were watched have none. */
function connections({ connections: watched }: Partial<Summary>): Figure[] {
  if (!watched) return [];
  const broken = watched.cut + watched.unanswered + watched.resetIdle;
  return [
    {
      title: "Connections broken",
      value: number(broken),
      note: `of ${number(watched.opened)} watched byte by byte: ${number(watched.cut)} cut in an answer, ${number(watched.unanswered)} before it, ${number(watched.resetIdle)} reset while idle`,
      bad: broken > 0,
    },
  ];
}

const servedNote = ({ servedBy }: Summary) =>
  Object.entries(servedBy)
    .map(([release, count]) => `${release} ${number(count)}`)
    .join(", ");

const share = (part: number, all: number) => `${((part / all) * 100).toPrecision(2)} %`;

function rollout({ rolloutSeconds, plainRestartSeconds, contractSeconds }: Summary): Figure[] {
  if (rolloutSeconds === undefined) return [];
  const ratio = plainRestartSeconds === undefined ? undefined : rolloutSeconds / plainRestartSeconds;
  const notes = [
    ratio === undefined
      ? "from the migration's end to the last new pod ready"
      : `${ratio.toFixed(2)} × a plain restart (${plainRestartSeconds}\u00a0s); bound ${bounds.rolloutRatio}`,
    ...(contractSeconds === undefined ? [] : [`contract done after ${contractSeconds}\u00a0s`]),
  ];
  return [
    {
      title: "Rollout",
      value: String(rolloutSeconds),
      unit: "s",
      note: notes.join("; "),
      bad: ratio !== undefined && ratio > bounds.rolloutRatio,
    },
  ];
}
