import { type Phase, phaseNames } from "../../load/summary.ts";
import type { RunRecord } from "../run.ts";
import { type Html, html, nothing } from "./html.ts";
import { duration, number, phaseKinds, phaseTitles } from "./words.ts";

/** Latency of the requests sent in each phase. */
export function latencyTable(run: RunRecord): Html {
  const { latency, phases } = run.summary;
  const rows = phaseNames.flatMap((name) => {
    const phase = phases.find((one) => one.name === name);
    const figures = latency[name];
    if (!phase || !figures) return [];
    const failed = failedIn(run, phase);
    return html`<tr>
<th scope="row"><i class="key ${phaseKinds[name]}"></i>${phaseTitles[name]}</th>
<td class="lasted">${duration(phase.to - phase.from)}</td>
<td>${number(figures.requests)}</td>
<td class="${failed > 0 ? "bad" : ""}">${number(failed)}</td>
<td>${figures.p50.toFixed(1)}</td>
<td>${figures.p95.toFixed(1)}</td>
<td>${figures.p99.toFixed(1)}</td>
</tr>`;
  });
  if (rows.length === 0) return nothing;
  return html`<section>
<h2>Latency by phase</h2>
<p class="hint">In milliseconds, connecting included. Phases may overlap: a backfill runs while pods are replaced.</p>
<div class="scroll"><table class="numbers">
<thead><tr><th scope="col">Phase</th><th scope="col" class="lasted">Lasted</th><th scope="col">Answered</th><th scope="col">Failed</th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">p99</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
</section>`;
}

const failedIn = ({ failures, startedAt }: RunRecord, { from, to }: Phase) =>
  failures.at.filter((at) => at >= from - startedAt && at < to - startedAt).length * failures.each;
