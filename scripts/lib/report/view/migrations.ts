import type { Work } from "../record/jobs.ts";
import type { LockWait } from "../record/lock-waits.ts";
import type { Queue } from "../record/queues.ts";
import type { RunRecord } from "../run.ts";
import { type Html, html, nothing } from "./html.ts";
import { duration, moment } from "./words.ts";

/** What changed the schema, and every time that had to wait for a lock: for what, held by whom, how it ended. */
export function schemaChanges({ jobs, queues }: RunRecord): Html {
  if (jobs.length === 0 && !queues?.length) return nothing;
  const work = jobs.flatMap((job) => job.work);
  const waits = jobs.flatMap((job) => job.waits);
  return html`<section>
<h2>Migrations</h2>
${work.length === 0 ? html`<p class="fine">None was at work.</p>` : workTable(work)}
</section>
<section>
<h2>Lock waits</h2>
${waits.length === 0 ? html`<p class="fine">No migration was seen to wait for a lock.</p>` : waitTable(waits)}
${queues ? queued(queues) : nothing}
</section>`;
}

const workTable = (work: Work[]) => html`<div class="scroll"><table class="cards" id="migrations">
<thead><tr><th scope="col">Migration</th><th scope="col">Phase</th><th scope="col">At</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>${work.map(
  ({ migration, phase, from, to }) => html`<tr>
<th scope="row">${nameOf(migration)}</th>
<td data-title="Phase">${phase}</td>
<td class="span" data-title="At">${moment(from)}</td>
${to === undefined ? html`<td class="number bad" data-title="Took">not finished</td>` : html`<td class="number" data-title="Took">${duration(to - from)}</td>`}
</tr>`,
)}</tbody>
</table></div>`;

const waitTable = (waits: LockWait[]) => html`<div class="scroll"><table class="cards" id="lock-waits">
<thead><tr><th scope="col">At</th><th scope="col">Migration</th><th scope="col">Waited for</th><th scope="col">Held by</th><th scope="col" class="number">For</th><th scope="col">Then</th></tr></thead>
<tbody>${waits.map(
  (wait) => html`<tr>
<td class="span" data-title="At">${moment(wait.from)}</td>
<th scope="row" data-title="Migration">${nameOf(wait.migration)}</th>
<td data-title="Waited for"><span>${wait.what}${wait.mode ? html` <small>${wait.mode}</small>` : ""}</span></td>
<td data-title="Held by">${wait.heldBy}</td>
<td class="number" data-title="For">${duration(wait.to - wait.from)}</td>
<td data-title="Then">${outcomeOf(wait)}</td>
</tr>`,
)}</tbody>
</table></div>`;

/** What a lock costs those who are served. */
const queued = (queues: Queue[]) =>
  queues.length === 0
    ? html`<p class="fine">No client was seen to wait for one.</p>`
    : html`<h3>Clients that waited</h3>
<div class="scroll"><table class="cards" id="queues">
<thead><tr><th scope="col">At</th><th scope="col">For locks of</th><th scope="col" class="number">At once</th><th scope="col" class="number">Longest</th></tr></thead>
<tbody>${queues.map(
        ({ from, what, modes, sessions, longestMs }) => html`<tr>
<td class="span" data-title="At">${moment(from)}</td>
<th scope="row" data-title="For locks of"><span>${what} <small>${modes}</small></span></th>
<td class="number" data-title="At once">${sessions}</td>
<td class="number bad" data-title="Longest">${duration(longestMs)}</td>
</tr>`,
      )}</tbody>
</table></div>`;

/** A migration's name without the timestamp that TypeORM wants at its end. */
export const nameOf = (migration: string | undefined): string => migration?.replace(/\d{13}$/, "") ?? "–";

export const outcomeOf = ({ outcome, pauseMs }: LockWait): string =>
  ({
    granted: "granted",
    "given up": pauseMs === undefined ? "given up" : `rolled back, tried again after ${duration(pauseMs)}`,
    unknown: "not told",
  })[outcome];
