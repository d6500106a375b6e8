import type { RunRecord } from "../run.ts";
import { type Html, html, nothing } from "./html.ts";
import { moment, number } from "./words.ts";

/** What failed, and what the service itself logged of it, which it does not tell its clients. */
export const failureTables = (run: RunRecord): Html => html`${failureTable(run)}${logTable(run)}`;

function logTable({ logged }: RunRecord): Html {
  if (logged.length === 0) return nothing;
  return html`<section>
<h2>What the service logged</h2>
<p class="hint">Errors in the logs of its pods, as far as they were read.</p>
<div class="scroll"><table class="cards" id="logged">
<thead><tr><th scope="col" class="number">At least</th><th scope="col">Release</th><th scope="col" class="wide">Error</th></tr></thead>
<tbody>${logged.map(
    ({ release, message, count }) =>
      html`<tr><td class="number count">${number(count)}</td><th scope="row" class="name">${release}</th><td class="wide"><code>${message}</code></td></tr>`,
  )}</tbody>
</table></div>
</section>`;
}

/** What failed, how often, from when to when, and what the first of each said. */
function failureTable({ failures: { causes } }: RunRecord): Html {
  if (causes.length === 0) return nothing;
  return html`<section>
<h2>Failed requests by cause</h2>
<div class="scroll"><table class="cards" id="failure-causes">
<thead><tr><th scope="col" class="number">Count</th><th scope="col">Request → answer</th><th scope="col">First and last</th><th scope="col" class="wide">What the first one said</th></tr></thead>
<tbody>${causes.map(
    ({ what, count, firstAt, lastAt, example }) =>
      html`<tr><td class="number bad count">${number(count)}</td><th scope="row" class="name">${what}</th><td class="span" data-title="When">${moment(firstAt)} – ${moment(lastAt)}</td><td class="wide" data-title="It said"><code>${example || "nothing"}</code></td></tr>`,
  )}</tbody>
</table></div>
</section>`;
}
