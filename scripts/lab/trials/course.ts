import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../lib/failure.ts";
import { type Answer, readRaw } from "../../lib/load/raw.ts";
import { livePods, type Timeline } from "../../lib/rollout/timeline.ts";
import { proveUnderLoad } from "../../lib/rollout/under-load.ts";
import type { Verb } from "../../lib/verb.ts";
import type { Cell } from "../cell.ts";
import { loadFigures } from "../measure/requests.ts";
import { type Place, replicas } from "../stand/place.ts";

export type Outcome = Pick<Cell, "command" | "deployedSeconds" | "load">;

export interface Course {
  from: string;
  to: string;
  /** Pods that must be ready in the end; `replicas` without it. */
  pods?: number;
  /** How long it is watched after the order, at most. */
  watchMs: number;
  /** The same where the command failed: what it began may go on by itself, and is watched until nothing moves. Some seconds after its end without it. */
  watchFailedMs?: number;
  /** Starts what is measured; fails as its command does. */
  order(): Promise<void>;
  /** Something that happens meanwhile, as soon as the order is given. */
  meanwhile?(): Promise<void>;
}

/** Enough for what is waited for beside the deploy itself. */
const pace = { warmUpFactor: 0, warmUpMs: 1_000, afterMs: 2_000 };
/** With the warm-up as long as the load takes to come to its rate. */
const steadyMs = 2_000;
const lookAfterMs = 3_000;
/** A request that is being answered when the order is given may be its victim. */
const inFlightMs = 500;

/** Gives the order under load and watches until it is carried out, or as long as it is watched. */
export async function underLoad(place: Place, course: Course, { signal, onEnd }: Verb): Promise<Outcome> {
  const { cluster, namespace, url, folder, stage } = place;
  const { from, to } = course;
  const { k6, rates, environment } = stage;
  // Its verdict is not asked for, so nothing waits for the requests that one needs, nor is anything else watched for it.
  const load = { k6, url, rates, pace, leastRequests: 0, watchedConnections: 0, watchedLocks: false, folder };
  const settings = { cluster, namespace, from, to, replicas, environment, signal, ...load };
  const proof = await proveUnderLoad(settings);
  onEnd(() => proof.end());
  try {
    await proof.steady(steadyMs);
    const { orderedAt, ...outcome } = await carriedOut(course, proof.timeline, signal);
    const { lostWrites } = await proof.verdict(() => {});
    const { answers } = await readRaw(proof.rawFiles);
    beUndisturbed(answers, orderedAt);
    return { ...outcome, load: loadFigures(answers, orderedAt, lostWrites) };
  } finally {
    await proof.end();
  }
}

/** Nothing of the strategy's happens before the order: what was asked by then and failed would be counted as its doing. */
export function beUndisturbed(answers: Answer[], orderedAt: number): void {
  const failed = answers.filter(({ ok, t }) => !ok && t < orderedAt - inFlightMs).length;
  if (failed > 0)
    throw new Failure(
      `${failed} requests failed that were sent before the order was given: that is the machine's doing, not the strategy's. Does anything else run on it, or is the load (RATE) too much for it?`,
    );
}

/** The order itself, and what came of it. */
export async function carriedOut(
  { to, order, meanwhile, watchMs, watchFailedMs = 0, pods = replicas }: Course,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<Outcome & { orderedAt: number }> {
  const before = new Set(livePods(timeline).map(({ name }) => name));
  const orderedAt = Date.now();
  const [command] = await Promise.all([commanded(order, orderedAt), meanwhile?.()]);
  const until = command.succeeded
    ? orderedAt + watchMs
    : Math.max(Date.now() + lookAfterMs, orderedAt + watchFailedMs);
  let movedAt = Date.now();
  while (Date.now() < until && !isDone(timeline, to, pods)) {
    if (!atRest(timeline)) movedAt = Date.now();
    if (!command.succeeded && Date.now() - movedAt > lookAfterMs) break;
    await sleep(200, undefined, { signal });
  }
  return { orderedAt, command, deployedSeconds: deployedSeconds(timeline, { before, to, pods, orderedAt }) };
}

async function commanded(order: () => Promise<void>, startedAt: number): Promise<Cell["command"]> {
  const seconds = () => Math.round((Date.now() - startedAt) / 100) / 10;
  try {
    await order();
    return { succeeded: true, seconds: seconds() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { succeeded: false, seconds: seconds(), said: error.message.slice(-600) };
  }
}

/** So many pods of the release are ready, and no other is left, not even one that drains. */
const isDone = (timeline: Timeline, to: string, pods: number): boolean => {
  const live = livePods(timeline);
  return live.length === pods && live.every(({ version, ready }) => version === to && ready);
};

/** No Job runs and every pod is ready: what comes next, if anything, is up to the operator. */
export const atRest = (timeline: Timeline): boolean =>
  livePods(timeline).every(({ ready }) => ready) &&
  [...timeline.jobs.values()].every(({ endedAt, goneAt }) => endedAt !== undefined || goneAt !== undefined);

/** From the order to the last of the new pods ready; null where there are too few. */
export function deployedSeconds(
  timeline: Timeline,
  { before, to, pods, orderedAt }: { before: Set<string>; to: string; pods: number; orderedAt: number },
): number | null {
  const live = livePods(timeline).filter(({ version, ready }) => version === to && ready);
  const fresh = live.filter(({ name }) => !before.has(name));
  if (live.length < pods || fresh.length === 0) return null;
  return Math.round((Math.max(...fresh.map(({ readyAt = 0 }) => readyAt)) - orderedAt) / 100) / 10;
}
