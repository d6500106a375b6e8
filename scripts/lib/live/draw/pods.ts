import { livePods, type PodLife } from "../../rollout/timeline.ts";
import type { LiveState } from "../model/state.ts";
import { podMarks, versionStyle } from "./colours.ts";
import { cell, columnFor, oneLine, type Piece } from "./row.ts";
import { elapsed, podWords } from "./words.ts";

/** Deployment → ReplicaSets → pods. `brief`: one line for each ReplicaSet. */
export function drawPods(state: LiveState, brief: boolean): Piece[][] {
  const pods = livePods(state.timeline);
  const { deployment } = state;
  if (!deployment && pods.length === 0) return [];
  const ready = pods.filter((pod) => pod.ready).length;
  const sets = revisionsOf(state, pods);
  const columns = columnFor(
    sets.map(({ version }) => version),
    5,
    14,
  );
  // Pods are heard of before their Deployment, and outlive it.
  const counts = deployment
    ? `${deployment.name}  ${ready} of ${deployment.wanted} ready`
    : ` ${ready} ready`;
  const there = pods.length === 1 ? "1 pod" : `${pods.length} pods`;
  return [
    ["Deployment ", ["bold", counts], `, ${there}`],
    ...sets.flatMap((set, index) => drawSet(state, set, { brief, last: index === sets.length - 1, columns })),
  ];
}

interface Revision {
  name: string;
  version: string;
  wanted: number | undefined;
  order: number;
  pods: PodLife[];
}

/** Those that have pods, oldest first. */
function revisionsOf({ replicaSets }: LiveState, pods: PodLife[]): Revision[] {
  return [...Map.groupBy(pods, ({ revision }) => revision)]
    .map(([hash, own]) => {
      const set = replicaSets.get(hash);
      const [first] = own;
      // A pod that the API server shows before its ReplicaSet is named after it all the same.
      const name = set?.name ?? first?.name.replace(/-[^-]+$/, "") ?? hash;
      const order = set?.revision ?? Number.MAX_SAFE_INTEGER;
      return { name, version: first?.version ?? "", wanted: set?.wanted, order, pods: own };
    })
    .sort((a, b) => a.order - b.order);
}

interface Look {
  brief: boolean;
  last: boolean;
  /** Of the version. */
  columns: number;
}

function drawSet(state: LiveState, revision: Revision, { brief, last, columns }: Look): Piece[][] {
  const { name, version, wanted, pods } = revision;
  const ready = pods.filter((pod) => pod.ready).length;
  const counts = `${ready} ready${wanted === undefined ? "" : `, ${wanted} wanted`}`;
  const head: Piece[] = [
    ["dim", last ? "└─ " : "├─ "],
    [versionStyle(state)(version), cell(version || "?", columns)],
    ` ${name}  `,
  ];
  if (brief) return [[...head, ...marksOf(pods), `  ${counts}`, ...firstWord(state, pods)]];
  const trunk: Piece = ["dim", last ? "   " : "│  "];
  return [[...head, counts], ...pods.map((pod): Piece[] => [trunk, ...drawPod(state, pod)])];
}

const marksOf = (pods: PodLife[]): Piece[] =>
  pods.map((pod) => {
    const { mark, style } = podMarks[stateOf(pod)];
    return [style, mark];
  });

/** What one pod has to say stands for those that have no line of their own. */
function firstWord(state: LiveState, pods: PodLife[]): Piece[] {
  const pod = pods.find((one) => wordOf(state, one) !== undefined);
  return pod ? [`  ${podWords[stateOf(pod)]}: ${wordOf(state, pod)}`] : [];
}

const stateOf = ({ states }: PodLife) => states.at(-1)?.state ?? "pending";

/** Why it is not ready. What was told of a pod that is, or that ends, is of no interest any more. */
function wordOf({ gateLines, namespace }: LiveState, pod: PodLife): string | undefined {
  const state = stateOf(pod);
  if (state === "ready" || state === "draining") return undefined;
  const word = (state === "gate" ? gateLines.get(pod.name) : undefined) ?? pod.waiting;
  // In a line that is short anyway, where the Job is goes without saying.
  return word && oneLine(word).replaceAll(`${namespace}/`, "");
}

function drawPod(state: LiveState, pod: PodLife): Piece[] {
  const { now, since } = state;
  const { mark, style } = podMarks[stateOf(pod)];
  const at = pod.states.at(-1)?.at ?? pod.createdAt;
  // How long it had been so when we first looked, nobody told us.
  const lasts = at > since ? elapsed(now - at) : "";
  const word = wordOf(state, pod);
  return [
    [style, `${mark} `],
    `${cell(pod.name.slice(pod.name.lastIndexOf("-") + 1), 6)} `,
    [style, cell(podWords[stateOf(pod)], 11)],
    ["dim", ` ${lasts.padStart(6)}`],
    ...(word ? [`  ${word}`] : []),
  ];
}
