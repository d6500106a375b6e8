import type { Phase } from "../../load/summary.ts";
import type { RunRecord } from "../run.ts";
import { type Html, html } from "./html.ts";
import { duration, phaseKinds, phaseTitles } from "./words.ts";

const placed = ({ startedAt }: RunRecord, { from, to }: Phase) =>
  `--a:${Math.round(from - startedAt)};--b:${Math.round(to - startedAt)}`;

/** The phases behind all charts. */
export const bands = (run: RunRecord): Html =>
  html`<div class="bands" aria-hidden="true">${run.summary.phases.map(
    (phase) => html`<i class="seg ${phaseKinds[phase.name]}" style="${placed(run, phase)}"></i>`,
  )}</div>`;

/** The phases by name, one below the other since they may overlap; each is a button that zooms in on it. */
export function phaseStrip(run: RunRecord): Html {
  const { summary, startedAt, lastsMs } = run;
  return html`<div class="strip phases">${summary.phases.map((phase) => {
    // Near the right edge the name has no room but to the left.
    const late = phase.from - startedAt > lastsMs * 0.6;
    return html`<div class="lane"><button type="button" class="seg ${phaseKinds[phase.name]}${late ? " late" : ""}" style="${placed(run, phase)}" data-from="${Math.round(phase.from - startedAt)}" data-to="${Math.round(phase.to - startedAt)}"><span>${phaseTitles[phase.name]} <small>${duration(phase.to - phase.from)}</small></span></button></div>`;
  })}</div>`;
}
