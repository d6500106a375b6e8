import type { V1Pod } from "@kubernetes/client-node";
import { addAnswers, loadView, noCounts } from "../lib/live/model/load-counts.ts";
import type { LiveState } from "../lib/live/model/state.ts";
import type { Answer } from "../lib/load/raw.ts";
import type { LogLine } from "../lib/rollout/job-log.ts";
import { emptyTimeline, seeJob, seePod, seePodGone, type Timeline } from "../lib/rollout/timeline.ts";

export const t0 = Date.parse("2026-01-01T12:00:00Z");
/** So many seconds after we began to look. */
export const at = (seconds: number): number => t0 + seconds * 1000;

type Facts = Partial<LiveState>;

export const stateOf = (timeline: Timeline, seconds: number, facts: Facts = {}): LiveState => ({
  now: at(seconds),
  since: t0,
  namespace: "blog",
  timeline,
  deployment: { name: "blog", wanted: 3 },
  replicaSets: new Map(),
  gateLines: new Map(),
  logs: new Map(),
  attempts: new Map(),
  load: undefined,
  silentSince: undefined,
  ...facts,
});

export type Stage = "pending" | "gate" | "starting" | "ready" | "draining" | "gone";

export const pod = (name: string, hash: string, version: string, stage: Stage): V1Pod => ({
  metadata: {
    name: `blog-${hash}-${name}`,
    labels: { "pod-template-hash": hash, "app.kubernetes.io/version": version },
    ...(stage === "draining" && { deletionTimestamp: new Date(t0) }),
  },
  status: {
    conditions: [
      ...(["starting", "ready", "draining"].includes(stage) ? [{ type: "Initialized", status: "True" }] : []),
      ...(["ready", "draining"].includes(stage) ? [{ type: "Ready", status: "True" }] : []),
    ],
    ...(stage === "gate" && {
      initContainerStatuses: [{ name: "wait-for-migration", state: { running: {} } } as never],
    }),
  },
});

/** A pod enters a stage at a second. */
export function enter(
  timeline: Timeline,
  seconds: number,
  [name, hash, version]: [string, string, string],
  stage: Stage,
): void {
  const object = pod(name, hash, version, stage);
  if (stage === "gone") seePodGone(timeline, object, at(seconds));
  else seePod(timeline, object, at(seconds));
}

export const job = (
  timeline: Timeline,
  seconds: number,
  [name, component]: [string, string],
  end?: "Complete" | "Failed",
): void =>
  seeJob(
    timeline,
    {
      metadata: { name, labels: { "app.kubernetes.io/component": component } },
      ...(end && { status: { conditions: [{ type: end, status: "True" }] } }),
    },
    at(seconds),
  );

export const said = (seconds: number, line: Partial<LogLine>): LogLine => ({
  time: new Date(at(seconds)).toISOString(),
  message: "",
  ...line,
});

/** Three pods of v1 that are ready when we begin to look. */
export function steady(): Timeline {
  const timeline = emptyTimeline();
  for (const name of ["aaaaa", "bbbbb", "ccccc"]) enter(timeline, 0, [name, "old", "v1"], "ready");
  return timeline;
}

export const answer = (seconds: number, fields: Partial<Answer> = {}): Answer => ({
  t: at(seconds),
  d: 5,
  s: 200,
  v: "v1",
  k: "list",
  c: "reused",
  ok: true,
  ...fields,
});

/** `perSecond` answers in each second from one on to another. */
export function load(
  spans: { from: number; to: number; perSecond: number; fields?: Partial<Answer> }[],
  seconds: number,
) {
  const counts = noCounts();
  for (const { from, to, perSecond, fields } of spans)
    for (let second = from; second < to; second++)
      addAnswers(
        counts,
        Array.from({ length: perSecond }, (_, index) => answer(second + index / perSecond, fields)),
      );
  return loadView(counts, at(seconds));
}

export const replicaSets = new Map([
  ["old", { name: "blog-7c9d8f6b5c", revision: 1, wanted: 3 }],
  ["new", { name: "blog-5f6b7d8c9d", revision: 2, wanted: 1 }],
]);

/** v2 is being rolled out: one new pod is ready, one waits in the gate, an old one drains; old posts are filled in. */
export function upgrading(): LiveState {
  const timeline = steady();
  const [x, y] = [
    ["xxxxx", "new", "v2"],
    ["yyyyy", "new", "v2"],
  ] as [[string, string, string], [string, string, string]];
  job(timeline, 12, ["blog-migrate-1a2b3c4d5e", "migration"]);
  enter(timeline, 12, x, "pending");
  enter(timeline, 13, x, "gate");
  job(timeline, 18, ["blog-migrate-1a2b3c4d5e", "migration"], "Complete");
  job(timeline, 12, ["blog-contract-9f8e7d6c5b", "contract"]);
  enter(timeline, 19, x, "starting");
  enter(timeline, 21, x, "ready");
  enter(timeline, 21.1, ["aaaaa", "old", "v1"], "draining");
  enter(timeline, 21.2, y, "gate");
  const gate = "Job blog/blog-migrate-1a2b3c4d5e is not finished: 1 active, 0 failed";
  return stateOf(timeline, 25, {
    replicaSets,
    gateLines: new Map([["blog-new-yyyyy", gate]]),
    logs: new Map([
      [
        "blog-migrate-1a2b3c4d5e",
        [said(18, { event: "summary", message: "Applied AddCategories1760000000000." })],
      ],
      [
        "blog-contract-9f8e7d6c5b",
        [
          said(19, { migration: "FillCategories1765000000000", phase: "backfill", message: "applying" }),
          said(24, {
            migration: "FillCategories1765000000000",
            message: "backfill of posts: 62 %, about 8 s left",
            rowsDone: 31_200,
            percent: 62,
            etaSeconds: 8,
          }),
        ],
      ],
    ]),
    attempts: new Map([["blog-contract-9f8e7d6c5b", 2]]),
    load: load(
      [
        { from: 0, to: 21, perSecond: 225 },
        { from: 21, to: 25, perSecond: 150 },
        { from: 21, to: 25, perSecond: 75, fields: { v: "v2" } },
      ],
      25,
    ),
  });
}
