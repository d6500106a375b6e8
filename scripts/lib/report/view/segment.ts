import { type Html, html, nothing } from "./html.ts";

export interface Segment {
  /** ms since the load's start. */
  from: number;
  to: number;
  className: string;
  /** What a reader is told who points at it. */
  tip: string;
}

/**
 * A stretch of time. The style sheet places it between the two ends of what is shown, so that it follows a zoom, stays
 * in place on paper, and needs no script.
 */
export const segment = ({ from, to, className, tip }: Segment): Html =>
  to <= from
    ? nothing
    : html`<i class="seg ${className}" style="--a:${Math.round(from)};--b:${Math.round(to)}" data-tip="${tip}"></i>`;
