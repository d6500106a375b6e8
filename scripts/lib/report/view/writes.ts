import type { Summary } from "../../load/summary.ts";
import { type Html, html, nothing } from "./html.ts";

/** The first writes that did not read back as they were acknowledged. */
export function lastWritten({ lostExamples }: Summary): Html {
  if (lostExamples.length === 0) return nothing;
  return html`<section>
<h2>Writes that did not last</h2>
<ul class="writes">${lostExamples.map((example) => html`<li><code>${example}</code></li>`)}</ul>
</section>`;
}
