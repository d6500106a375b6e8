import { judgeLedger } from "../lib/load/ledger.ts";
import type { Answer } from "../lib/load/raw.ts";
import { type Phase, type PhaseName, summarise } from "../lib/load/summary.ts";
import { recordOf } from "../lib/report/record/record.ts";
import type { RunRecord } from "../lib/report/run.ts";
import type { PodState } from "../lib/rollout/pod-state.ts";
import { emptyTimeline, type Timeline } from "../lib/rollout/timeline.ts";

/**
 * A run like those of `make demo`, made up: v1 → v2, or v2 → v3 with backfill and contract, green, or red because the
 * old code cannot live with the new schema. The same every time, so that a test can count on it.
 */
export function madeUpRun(kind: "green" | "contract" | "red"): RunRecord {
  const random = randomFrom(7);
  const [from, to] = kind === "contract" ? ["v2", "v3"] : ["v1", kind === "red" ? "broken-rename" : "v2"];
  const answers = answersOf({ from, to, red: kind === "red", random });
  const phases = phasesOf(kind === "contract");
  const evidence = {
    from,
    to,
    rate: 225,
    answers,
    cutOff: 2,
    unreadableLines: 0,
    totals: { requests: answers.length + 2, droppedIterations: 0, errors: [] },
    ledger: judgeLedger({ answers, cutOff: [], intents: [], unreadable: [] }, []),
    connections: { opened: 31, answered: 5_210, cut: 0, unanswered: 0, resetIdle: 0, examples: [] },
    phases,
    troubles: [],
    lastOldPodGoneAt: at(57),
    plainRestartSeconds: 13.2,
    rolloutSeconds: 7.9,
    ...(kind === "contract" && { contractEndedAt: at(66), contractSeconds: 30.2 }),
  };
  evidence.ledger = { ...evidence.ledger, acknowledgedWrites: 4115 };
  return recordOf({
    summary: summarise(evidence),
    answers,
    timeline: timelineOf(from, to, kind),
    logged:
      kind === "red"
        ? [{ release: "v1", message: "column Post.body does not exist (42703)", count: 812 }]
        : [],
    environment: {
      kubernetes: "1.37.2",
      nodes: [{ kubelet: "v1.37.2", os: "Debian GNU/Linux 12", runtime: "containerd://2.2.1", cpus: "2" }],
      postgresql: "18.4",
      node: "24.21.0",
      helm: "4.3.1",
      k6: "1.8.1",
      replicas: 3,
      rates: { reused: 180, new: 45 },
      machine: { os: "Linux 6.12.0", cpu: "a processor", cores: 2, memoryGiB: 24 },
      commit: "0d0fb9e",
    },
  });
}

/** 2026-01-01 12:00:00 UTC, and seconds after it. */
const start = Date.UTC(2026, 0, 1, 12);
export const at = (seconds: number) => start + seconds * 1_000;
const endsAt = 72;

/** Mulberry32. */
function randomFrom(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function phasesOf(contract: boolean): Phase[] {
  const one = (name: PhaseName, from: number, to: number): Phase => ({
    name,
    from: at(from),
    to: at(to),
    seconds: Math.round((to - from) * 10) / 10,
  });
  return [
    one("steady", 6, 18),
    one("plainRestart", 18, 36),
    one("migrating", 36, 41.3),
    one("rollout", 41.3, 57),
    ...(contract ? [one("backfill", 43, 60.2), one("contract", 62.5, 64.5)] : []),
  ];
}

interface Answering {
  from: string;
  to: string;
  red: boolean;
  random: () => number;
}

function answersOf({ from, to, red, random }: Answering): Answer[] {
  const kinds = ["list", "read", "read", "page", "create", "edit"];
  // How much slower than steady, and how much longer the tail, while pods start or the schema changes.
  const load = (second: number) => (second > 18 && second < 32 ? 2.2 : second > 36 && second < 50 ? 2.6 : 1);
  return Array.from({ length: endsAt * 225 }, (_, index) => {
    const second = index / 225;
    const shareOfNew = Math.min(1, Math.max(0, (second - 43) / 9));
    const v = random() < shareOfNew ? to : from;
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const d = Math.round(3 * Math.exp(normal * 0.75 * Math.sqrt(load(second))) * 100) / 100;
    const k = kinds[Math.floor(random() * kinds.length)] ?? "list";
    const c = index % 5 === 0 ? "new" : "reused";
    const t = Math.round(at(second));
    const broken = red && v === from && second > 38.2;
    if (!broken) return { t, d, s: k === "create" ? 201 : 200, v, k, c, ok: true };
    if (random() < 0.01) return { t, d: 5_000, s: 0, v: "", k, c, ok: false, e: "request timeout" };
    const e = `unexpected answer 500: {"type":"about:blank","title":"Internal Server Error","status":500,"detail":"Something went wrong on our side."}`;
    return { t, d, s: 500, v: from, k, c, ok: false, e };
  });
}

function timelineOf(from: string, to: string, kind: string): Timeline {
  const timeline = emptyTimeline();
  const pod = (name: string, revision: string, version: string, states: [PodState, number][]) =>
    timeline.pods.set(`blog-${revision}-${name}`, {
      name: `blog-${revision}-${name}`,
      revision,
      version,
      node: "node",
      createdAt: at(states[0]?.[1] ?? 0),
      ready: false,
      states: states.map(([state, seconds]) => ({ state, at: at(seconds) })),
    });
  ["kq2x7", "m9vlc", "zt4hd"].forEach((name, index) => {
    const gone = 22 + index * 4;
    pod(name, "6f7d9c", from, [
      ["ready", -2],
      ["draining", gone],
      ["gone", gone + 7.5],
    ]);
  });
  ["8wbnf", "p5grs", "tx6jz"].forEach((name, index) => {
    const created = 18.2 + index * 4.1;
    const gone = 45.2 + index * 2.3;
    pod(name, "75b8d4", from, [
      ["pending", created],
      ["gate", created + 0.7],
      ["starting", created + 1.1],
      ["ready", created + 3.6],
      ["draining", gone],
      ["gone", gone + 7.2],
    ]);
  });
  ["c7dqw", "hn5kf", "v2zpm"].forEach((name, index) => {
    const created = index === 0 ? 36.6 : 42.9 + index * 2.3;
    const opened = index === 0 ? 41.4 : created + 1;
    pod(name, "bc94f1", to, [
      ["pending", created],
      ["gate", created + 0.7],
      ["starting", opened],
      ["ready", opened + 2.6],
    ]);
  });
  const line = (seconds: number, message: string, fields: object = {}) => ({
    time: new Date(at(seconds)).toISOString(),
    message,
    ...fields,
  });
  const reporting = { pid: 214, applicationName: "nightly report", state: "idle in transaction" };
  const wait = { relation: "posts", mode: "ShareRowExclusiveLock", blockers: [reporting] };
  const [categories, key] = ["AddCategories1750000000000", "AddPostCategory1750000001000"];
  timeline.jobs.set("blog-migrate-5c1d", {
    name: "blog-migrate-5c1d",
    component: "migration",
    createdAt: at(36.4),
    endedAt: at(41.3),
    outcome: "Complete",
    log: [
      line(38.1, "applying", { migration: categories, phase: "expand" }),
      line(38.2, "applied", { migration: categories }),
      line(38.2, "applying", { migration: key, phase: "expand" }),
      line(38.4, "waiting for a lock held by pid 214", { migration: key, wait }),
      line(38.7, "lock not granted in time; rolled back, trying again", {
        migration: key,
        wait,
        attempt: 1,
        pauseMs: 620,
      }),
      line(39.6, "the foreign key is added NOT VALID", { migration: key }),
      line(40.6, "applied", { migration: key }),
      line(40.7, "applied AddCategories, AddPostCategory", { event: "summary" }),
    ],
  });
  if (kind === "contract") {
    const [fill, require] = ["FillCategories1752000000000", "RequireCategory1752000001000"];
    timeline.jobs.set("blog-contract-91ee", {
      name: "blog-contract-91ee",
      component: "contract",
      createdAt: at(36.4),
      endedAt: at(66),
      outcome: "Complete",
      log: [
        line(43, "applying", { migration: fill, phase: "backfill" }),
        line(60.2, "applied", { migration: fill }),
        line(62.5, "applying", { migration: require, phase: "contract" }),
        line(63.4, "applied", { migration: require }),
        line(63.5, "applied FillCategories, RequireCategory", { event: "summary" }),
      ],
    });
  }
  return timeline;
}
