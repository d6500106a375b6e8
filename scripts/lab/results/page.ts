import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Html, html, nothing, trusted } from "../../lib/report/view/html.ts";
import { number } from "../../lib/report/view/words.ts";
import type { Cell } from "../cell.ts";
import { strategies } from "../strategies.ts";
import { type Trial, trials } from "../trials.ts";
import { factsOf } from "./facts.ts";
import { glanceOf } from "./glance.ts";
import { scaleOf, smallChart } from "./small-chart.ts";
import { columnsOf, deployed } from "./words.ts";

/** Nothing of this page may come from elsewhere, and nothing in it runs. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const reportStyle = join(import.meta.dirname, "../../lib/report/client/style");
const style = () =>
  [
    ...["theme.css", "page.css", "tables.css", "print.css"].map((file) => join(reportStyle, file)),
    join(import.meta.dirname, "style.css"),
  ]
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

/** results.html: one file that needs nothing else. */
export function resultsPage(cells: Cell[]): string {
  const total = strategies.length * trials.length;
  const count = cells.length === total ? `${total} cells` : `${cells.length} of ${total} cells measured`;
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Ways to run migrations, measured</title>
<link rel="icon" href="data:,">
<style>${trusted(style())}</style>
</head>
<body>
<main class="wrap">
<p class="when">${count}</p>
<h1>Ways to run migrations, measured</h1>
${matrix(cells)}
${trials.map((trial) => section(trial, inOrder(cells, trial.name)))}
<section>
<h2>Where it was measured</h2>
<dl class="facts">${factsOf(cells).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>
</main>
<footer class="wrap"><p>Every figure is from a run: of the load's raw lines, the cluster's objects, the migrators' logs and the database. The data behind this page is in <code>results.json</code> beside it.</p></footer>
</body>
</html>
`);
}

const inOrder = (cells: Cell[], trial: string): Cell[] =>
  strategies.flatMap(({ name }) => cells.filter((cell) => cell.trial === trial && cell.strategy === name));

/** Every cell in a few words, and a colour for what clients noticed of it. */
function matrix(cells: Cell[]): Html {
  return html`<section>
<h2>At a glance</h2>
<p class="hint">Failed requests with the longest time without an answer, other harm, when the last new pod was ready, and how the next deploy went where one was made. Red is harm, grey a release that was not deployed.</p>
<div class="scroll"><table class="matrix" id="matrix">
<thead><tr><th scope="col">Strategy</th>${trials.map(({ name, title }) => html`<th scope="col"><a href="#${name}">${title}</a></th>`)}</tr></thead>
<tbody>${strategies.map(
    ({ name, how }) =>
      html`<tr><th scope="row" title="${how}">${name}</th>${trials.map((trial) =>
        glance(cells.find((cell) => cell.strategy === name && cell.trial === trial.name)),
      )}</tr>`,
  )}</tbody>
</table></div>
</section>`;
}

function glance(cell: Cell | undefined): Html {
  if (!cell) return html`<td>not measured</td>`;
  const { kind, lines } = glanceOf(cell);
  return html`<td class="${kind}">${lines.map((line, index) => html`${index > 0 ? html`<br>` : ""}${line}`)}</td>`;
}

/** One trial: small multiples with the same axes, and all figures below. */
function section(trial: Trial, cells: Cell[]): Html {
  if (cells.length === 0) return nothing;
  return html`<section id="${trial.name}">
<h2>${trial.title}</h2>
<p class="hint">${trial.what}.</p>
${multiples(cells)}
<div class="scroll"><table class="figures-of">
<thead><tr><th scope="col">Strategy</th>${columnsOf(trial.name).map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${cells.map(
    (cell) =>
      html`<tr><th scope="row" class="name">${cell.strategy}</th>${columnsOf(trial.name).map(({ of }) => figure(of(cell)))}</tr>`,
  )}</tbody>
</table></div>
</section>`;
}

const figure = (text: string): Html => html`<td class="${text.length > 40 ? "long" : ""}">${text}</td>`;

function multiples(cells: Cell[]): Html {
  const loads = cells.flatMap(({ load }) => load ?? []);
  if (loads.length === 0) return nothing;
  const scale = scaleOf(loads);
  return html`<p class="keys"><span><span class="key ok"></span>answered</span><span><span class="key failed"></span>failed</span><span><span class="key order"></span>the order is given</span><span>up to ${number(scale.requests)} requests/s, ${scale.seconds} s</span></p>
<div class="multiples">${cells.map(({ strategy, load, ...cell }) =>
    load
      ? html`<figure><figcaption><b>${strategy}</b><span class="${load.failed > 0 ? "bad" : ""}">${number(load.failed)} failed</span></figcaption>
${smallChart(load, scale, strategy)}
<p class="note">deployed: ${deployed({ strategy, load, ...cell })} · p99 ${load.p99} ms · migration begun ${cell.ran.begun} ×</p></figure>`
      : nothing,
  )}</div>`;
}
