import { duration, number } from "../../report/view/words.ts";
import { lastWord } from "../../rollout/job-log.ts";
import type { JobLife } from "../../rollout/timeline.ts";
import { type JobStep, jobStep } from "../model/job-step.ts";
import { type LiveState, logOf } from "../model/state.ts";
import type { Style } from "./paint.ts";
import { oneLine, type Piece, wrapped } from "./row.ts";
import { elapsed } from "./words.ts";

const indent = "    ";

/** Jobs that are there: what each is at, or how it ended. */
export const drawJobs = (state: LiveState, width: number): Piece[][] =>
  [...state.timeline.jobs.values()]
    .filter(({ goneAt }) => goneAt === undefined)
    .flatMap((job) => drawJob(state, job, width));

function drawJob(state: LiveState, job: JobLife, width: number): Piece[][] {
  const log = logOf(state, job.name);
  const { createdAt, endedAt, outcome } = job;
  const head = (style: "green" | "red" | "yellow", mark: string, word: string): Piece[] => [
    "Job ",
    ["bold", job.name],
    "  ",
    [style, `${mark} ${word}`],
  ];
  if (outcome === "Failed") {
    const why = lastWord(log) ?? job.message ?? "its pods left no word";
    return [head("red", "✖", `failed${after(job)}`), ...sentence(why, "red", width)];
  }
  if (endedAt !== undefined) {
    const word = lastWord(log);
    return [[...head("green", "✔", `done${after(job)}`), ["dim", word ? `  ${oneLine(word)}` : ""]]];
  }
  const attempt = state.attempts.get(job.name) ?? 0;
  const word = `running ${elapsed(state.now - createdAt)}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
  return [head("yellow", "▶", word), ...drawStep(jobStep(log), width)];
}

/** Of one that had ended before we looked, nobody knows how long it took. */
const after = ({ createdAt, endedAt = createdAt }: JobLife) =>
  endedAt > createdAt ? ` after ${duration(endedAt - createdAt)}` : "";

function drawStep(
  { migration, phase, says, percent, rowsDone, etaSeconds }: JobStep,
  width: number,
): Piece[][] {
  const lines: Piece[][] = [];
  if (migration) lines.push([indent, `${oneLine(migration)}${phase ? ` (${phase})` : ""}`]);
  if (percent !== undefined) {
    const rows = rowsDone === undefined ? "" : `  ${number(rowsDone)} rows`;
    const left = etaSeconds === undefined ? "" : `, about ${etaSeconds} s left`;
    lines.push([indent, ...bar(percent), ` ${percent} %${rows}${left}`]);
  } else if (says) lines.push(...sentence(says, "dim", width));
  return lines;
}

/** On two lines at most. */
function sentence(text: string, style: Style, width: number): Piece[][] {
  const words = oneLine(text).split(" ");
  const [first = [], ...rest] = wrapped(
    indent,
    words.map((word): Piece[] => [[style, `${word} `]]),
    width,
  );
  return rest.length === 0 ? [first] : [first, [indent, ...rest.flatMap((line) => line.slice(1))]];
}

const barColumns = 24;

function bar(percent: number): Piece[] {
  const done = Math.round((Math.min(100, Math.max(0, percent)) / 100) * barColumns);
  return [
    ["yellow", "█".repeat(done)],
    ["dim", "░".repeat(barColumns - done)],
  ];
}
