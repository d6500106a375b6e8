import { duration, number } from "../report/view/words.ts";
import { lastWord } from "../rollout/job-log.ts";
import type { JobLife } from "../rollout/timeline.ts";
import { type JobStep, jobStep } from "./job-step.ts";
import { oneLine, type Piece } from "./row.ts";
import { type LiveState, logOf } from "./state.ts";
import { elapsed } from "./words.ts";

/** Jobs that are there: what each is at, or how it ended. */
export const drawJobs = (state: LiveState): Piece[][] =>
  [...state.timeline.jobs.values()]
    .filter(({ goneAt }) => goneAt === undefined)
    .flatMap((job) => drawJob(state, job));

function drawJob(state: LiveState, job: JobLife): Piece[][] {
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
    return [head("red", "✖", `failed${after(job)}`), ["    ", ["red", oneLine(why)]]];
  }
  if (endedAt !== undefined) {
    const word = lastWord(log);
    return [[...head("green", "✔", `done${after(job)}`), ["dim", word ? `  ${oneLine(word)}` : ""]]];
  }
  const attempt = state.attempts.get(job.name) ?? 0;
  const word = `running ${elapsed(state.now - createdAt)}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
  return [head("yellow", "▶", word), ...drawStep(jobStep(log))];
}

/** Of one that had ended before we looked, nobody knows how long it took. */
const after = ({ createdAt, endedAt = createdAt }: JobLife) =>
  endedAt > createdAt ? ` after ${duration(endedAt - createdAt)}` : "";

function drawStep({ migration, phase, says, percent, rowsDone, etaSeconds }: JobStep): Piece[][] {
  const lines: Piece[][] = [];
  if (migration) lines.push(["    ", `${oneLine(migration)}${phase ? ` (${phase})` : ""}`]);
  if (percent !== undefined) {
    const rows = rowsDone === undefined ? "" : `  ${number(rowsDone)} rows`;
    const left = etaSeconds === undefined ? "" : `, about ${etaSeconds} s left`;
    lines.push(["    ", ...bar(percent), ` ${percent} %${rows}${left}`]);
  } else if (says) lines.push(["    ", ["dim", oneLine(says)]]);
  return lines;
}

const barColumns = 24;

function bar(percent: number): Piece[] {
  const done = Math.round((Math.min(100, Math.max(0, percent)) / 100) * barColumns);
  return [
    ["yellow", "█".repeat(done)],
    ["dim", "░".repeat(barColumns - done)],
  ];
}
