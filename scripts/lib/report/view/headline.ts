import type { RunRecord } from "../run.ts";
import { type Html, html } from "./html.ts";
import { duration } from "./words.ts";

/** What was tried, when, and what came of it. */
export function headline({ startedAt, lastsMs, summary }: RunRecord): Html {
  const { from, to, verdict } = summary;
  const started = new Date(startedAt);
  return html`<header class="head">
<p class="when">Upgrade under load · <time datetime="${started.toISOString()}">${whenOf(started)}</time> · ${duration(lastsMs)}</p>
<h1>${from} <span class="arrow" aria-label="to">→</span> ${to}</h1>
<div class="verdict ${verdict}">
${mark(verdict)}
<div><p class="word">${verdict === "passed" ? "Passed" : "Failed"}</p>${whyOf(summary)}</div>
</div>
</header>`;
}

function whyOf({ verdict, reasons }: RunRecord["summary"]): Html {
  if (verdict === "passed") return html`<p>No request failed and no acknowledged write was lost.</p>`;
  return html`<ul class="reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`;
}

const whenOf = (date: Date) =>
  `${date.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" })} UTC`;

const mark = (verdict: string) =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="12"></circle>${
    verdict === "passed"
      ? html`<path d="M6.8 12.6l3.5 3.5 7-7.6"></path>`
      : html`<path d="M8 8l8 8M16 8l-8 8"></path>`
  }</svg>`;
