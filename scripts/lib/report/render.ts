import { bundle } from "./bundle.ts";
import type { RunRecord } from "./run.ts";
import { chartData } from "./view/chart-data.ts";
import { environmentList } from "./view/environment.ts";
import { failureTables } from "./view/failures.ts";
import { figures } from "./view/figures.ts";
import { headline } from "./view/headline.ts";
import { html, safeJson, trusted } from "./view/html.ts";
import { latencyTable } from "./view/latency.ts";
import { schemaChanges } from "./view/migrations.ts";
import { timeline } from "./view/timeline.ts";
import { lastWritten } from "./view/writes.ts";

/** Nothing of this page may come from elsewhere, or go there. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** The report: one HTML file that needs nothing else. */
export function renderReport(run: RunRecord): string {
  const { script, style } = bundle();
  const { from, to, verdict } = run.summary;
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${from} → ${to} under load: ${verdict}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<main class="wrap">
${headline(run)}
${figures(run.summary)}
${timeline(run)}
${latencyTable(run)}
${failureTables(run)}
${schemaChanges(run)}
${lastWritten(run.summary)}
${environmentList(run)}
</main>
<footer class="wrap"><p>Every figure is computed from the raw lines of the load test, not from its own summary. The data behind this page is in <code>run.json</code> beside it.</p></footer>
<script type="application/json" id="data">${trusted(safeJson(chartData(run)))}</script>
<script>${trusted(script)}</script>
</body>
</html>
`);
}
