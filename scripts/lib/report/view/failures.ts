import type { RunRecord } from "../run.ts";
import { type Html, html, nothing } from "./html.ts";
import { moment, number } from "./words.ts";

/** What failed, how often, from when to when, and what the first of each said. */
export function failureTable({ failures: { causes } }: RunRecord): Html {
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
