import type { PodState } from "../../rollout/pod-state.ts";
import type { PodLine } from "../record/pods.ts";
import type { RunRecord } from "../run.ts";
import { type Html, html } from "./html.ts";
import { segment } from "./segment.ts";
import { duration, moment } from "./words.ts";

const stateTitles: Record<Exclude<PodState, "gone">, string> = {
  pending: "being placed",
  gate: "waiting in the gate",
  starting: "starting",
  ready: "ready",
  unready: "not ready any more",
  draining: "draining",
};

/** One line for each pod, in groups: a restart or an upgrade brings a new one. */
export function podLines(run: RunRecord): Html {
  const groups = Map.groupBy(run.pods, ({ revision }) => revision);
  const seen = new Set<string>();
  return html`${[...groups.values()].map((pods) => {
    const version = pods[0]?.version ?? "";
    const again = seen.has(version);
    seen.add(version);
    return html`<p class="group">${version}${again ? html`<small>, restarted</small>` : ""}</p>${pods.map((pod) => line(run, pod))}`;
  })}`;
}

function line(run: RunRecord, pod: PodLine): Html {
  const releases = Object.keys(run.perSecond.served);
  const short = pod.name.split("-").at(-1) ?? pod.name;
  const stretches = stretchesOf(pod, run.lastsMs);
  const said = stretches.map(({ state, from, to }) => `${stateTitles[state]} ${duration(to - from)}`);
  return html`<div class="row r${Math.max(0, releases.indexOf(pod.version))}"><span class="label">${short}</span><div class="strip" role="img" aria-label="Pod ${short} of ${pod.version}: ${said.join(", ")}">${stretches.map(
    ({ state, from, to }) =>
      segment({ from, to, className: state, tip: tipOf(pod, short, state, Math.max(from, 0), to) }),
  )}</div></div>`;
}

export interface Stretch {
  state: keyof typeof stateTitles;
  from: number;
  to: number;
}

/** How long the pod was in each state; the last state lasts until the run's end. */
export function stretchesOf({ states }: PodLine, end: number): Stretch[] {
  return states.flatMap(([state, from], index) => {
    const to = states[index + 1]?.[1] ?? Math.max(end, from);
    return state === "gone" || to <= 0 ? [] : [{ state, from, to }];
  });
}

function tipOf(pod: PodLine, short: string, state: Stretch["state"], from: number, to: number): string {
  const why = pod.waiting && (state === "gate" || state === "starting") ? `\n${pod.waiting}` : "";
  const where = pod.node ? ` on ${pod.node}` : "";
  return `${pod.version}, pod ${short}${where}\n${stateTitles[state]} for ${duration(to - from)}, from ${moment(from)}${why}`;
}

export const podLegend: Html = html`<ul class="legend">${Object.entries(stateTitles).map(
  ([state, title]) => html`<li><i class="swatch state ${state}"></i>${title}</li>`,
)}</ul>`;
