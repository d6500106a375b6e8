import type { JobLine } from "../record/jobs.ts";
import type { Queue } from "../record/queues.ts";
import type { RunRecord } from "../run.ts";
import { type Html, html, nothing } from "./html.ts";
import { nameOf, outcomeOf } from "./migrations.ts";
import { segment } from "./segment.ts";
import { duration, moment } from "./words.ts";

/**
 * The migrator's Jobs: how long each lived, which migrations it applied when, and where it waited for locks. Below them,
 * where clients did.
 */
export const jobLines = ({ jobs, queues = [], lastsMs }: RunRecord): Html =>
  html`${jobs.map((job) => line(job, lastsMs))}${queues.length > 0 ? clients(queues) : nothing}`;

const clients = (
  queues: Queue[],
) => html`<div class="named"><p><span class="name">clients</span> <small>that waited for locks</small></p>
<div class="strip">${queues.map(({ from, to, what, modes, sessions, longestMs }) =>
  segment({
    from,
    to: Math.max(to, from + 1),
    className: "wait",
    tip: `Up to ${sessions} waited for ${what}\nup to ${duration(longestMs)}\n${modes}`,
  }),
)}</div></div>`;

function line(job: JobLine, lastsMs: number): Html {
  const end = job.to ?? lastsMs;
  const life = { from: job.from, to: end, className: "job", tip: `Job ${job.name}\n${fateOf(job)}` };
  return html`<div class="named"><p><span class="name">${job.name}</span> <small>${fateOf(job)}</small></p>
<div class="strip tall">${segment(life)}${job.work.map(({ migration, phase, from, to, failedAt }) =>
    segment({
      from,
      to: Math.max(to ?? failedAt ?? end, from + 1),
      className: to === undefined ? "work broken" : "work",
      tip: `${nameOf(migration)} (${phase})\n${to === undefined ? "not finished" : `applied in ${duration(to - from)}`}, from ${moment(from)}`,
    }),
  )}${job.waits.map((wait) =>
    segment({
      from: wait.from,
      to: Math.max(wait.to, wait.from + 1),
      className: "wait",
      tip: `Waited ${duration(wait.to - wait.from)} for ${wait.what}\nheld by ${wait.heldBy}\n${outcomeOf(wait)}`,
    }),
  )}</div></div>`;
}

function fateOf({ from, to, outcome, message }: JobLine): string {
  if (to === undefined) return "had not ended when the load did";
  const after = duration(to - from);
  return outcome === "Failed"
    ? `failed after ${after}${message ? `: ${message}` : ""}`
    : `complete after ${after}`;
}

export function jobLegend({ jobs }: RunRecord): Html {
  const failed = jobs.some(({ work }) => work.some(({ to }) => to === undefined));
  return html`<ul class="legend"><li><i class="swatch job"></i>Job</li><li><i class="swatch work"></i>migration at work</li>${failed ? html`<li><i class="swatch broken"></i>not finished</li>` : ""}<li><i class="swatch wait"></i>waits for a lock</li></ul>`;
}
