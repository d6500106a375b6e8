import type { RunRecord } from "../run.ts";
import { lanesOf } from "./chart-data.ts";
import { type Html, html, nothing } from "./html.ts";
import { jobLegend, jobLines } from "./jobs.ts";
import { bands, phaseStrip } from "./phases.ts";
import { podLegend, podLines } from "./pods.ts";
import { number } from "./words.ts";

/** All that happened, on one axis of time. */
export function timeline(run: RunRecord): Html {
  return html`<section class="timeline">
<div class="title"><h2>What happened</h2><button type="button" id="whole" hidden>Show the whole run</button></div>
<p class="hint screen">Point at a moment to read its figures. Choose a phase, or drag across, to zoom in.</p>
<noscript><p class="hint">The charts need JavaScript; everything else on this page does not.</p></noscript>
<div class="plots" id="plots" tabindex="0" role="group" aria-label="Charts by time. The arrow keys move from second to second." style="--from:0;--to:${run.lastsMs}">
${bands(run)}
<div class="crosshair" id="crosshair" hidden></div>
<div class="selection" id="selection" hidden></div>
<div class="panel"><h3>Phases</h3>${phaseStrip(run)}</div>
${panel("requests", "Requests per second", requestLegend(run), html`<div class="chart" id="requests"></div>`)}
${panel("latency", html`Latency <small>logarithmic</small>`, latencyLegend, html`<div class="chart" id="latency"></div>`)}
${failures(run)}
${run.jobs.length > 0 || run.queues?.length ? panel("jobs", "Schema changes", jobLegend(run), jobLines(run)) : nothing}
${run.pods.length > 0 ? panel("pods", "Pods", podLegend, podLines(run)) : nothing}
<div class="chart" id="axis"></div>
</div>
<div class="tooltip" id="tooltip" role="status" hidden></div>
</section>`;
}

const panel = (name: string, title: string | Html, legend: Html, body: Html) =>
  html`<figure class="panel ${name}"><figcaption><h3>${title}</h3>${legend}</figcaption>${body}</figure>`;

const requestLegend = ({ perSecond }: RunRecord) =>
  html`<ul class="legend">${Object.keys(perSecond.served).map(
    (release, index) => html`<li><i class="swatch release r${index}"></i>${release}</li>`,
  )}<li><i class="swatch failed"></i>failed</li></ul>`;

const latencyLegend = html`<ul class="legend"><li><i class="swatch p50"></i>p50</li><li><i class="swatch p99"></i>p99</li><li><i class="swatch slowest"></i>slowest</li></ul>`;

/** Each cause has a lane, each failed request a dot in it. */
function failures({ failures: { causes, each } }: RunRecord): Html {
  const lanes = lanesOf(causes);
  if (lanes.length === 0)
    return panel("failures", "Failed requests", nothing, html`<p class="fine">None.</p>`);
  const legend = each > 1 ? html`<p class="hint">One dot stands for ${number(each)} requests.</p>` : nothing;
  return panel(
    "failures",
    "Failed requests",
    legend,
    html`<div class="lanes" style="--lanes:${lanes.length}"><div class="chart" id="failures"></div>${lanes.map(
      ({ title, count }, index) => html`<p style="--lane:${index}"><b>${number(count)}</b> ${title}</p>`,
    )}</div>`,
  );
}
