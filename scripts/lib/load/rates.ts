import { spawnSync } from "node:child_process";
import { valuesOf } from "../settings/read.ts";
import { least } from "./least-rate.ts";
import type { Connections } from "./raw.ts";

/** Requests per second, by kind of connection. */
export type Rates = Record<Connections, number>;

/** A fifth opens a connection each, the rest keep theirs. */
export const split = (rate: number): Rates => ({
  reused: Math.round(rate * 0.8),
  new: Math.round(rate * 0.2),
});

/** Requests per second that two cores carry beside a cluster and a rollout, with room to spare. */
const full = 225;
/** What a process of Node takes to start and end on the machine those were measured on is 27 ms. */
const quickMs = 40;
const usualMs = 30;

/**
 * What this machine carries beside a cluster, a rollout and a fault: the load, the cluster and the service share it. On one
 * that is too slow for all of the load even a restart of the pods loses requests, and a verdict would say so of the machine.
 * What a process takes to start is the measure, because that is what a rollout does all the time. It gets slower by more than
 * serving does, so the load is more than its proportion: where a process takes 110 ms a soak at 140 requests/s loses none,
 * and faults are given 80.
 */
export const carriedBy = (startMs: number): number =>
  startMs <= quickMs ? full : Math.max(least, Math.round(full * (usualMs / startMs) ** 0.8));

/** RATE, or without it what the machine carries, or a share of that, but never less than a verdict needs. */
export function usualRates(env: NodeJS.ProcessEnv = process.env, share = 1): Rates {
  const { RATE } = valuesOf(env, ["RATE"]);
  return split(RATE ?? Math.max(least, Math.round(carried() * share)));
}

/**
 * Of what a service answers when a few clients ask as fast as they can, so much is left to the load: the rest is what a
 * rollout, a fault and the load's own processes take. Two cores whose speed changed within the hour needed 0.4 to 1 s for
 * each of 225/s when a process started in 40 ms; they answered 230 to 370 a second that way, and took 9 ms for each of 135/s.
 */
const shareOfAnswers = 1 / 2;

/** RATE, or what this machine carries, or a share of that; and then no more than suits what the service was seen to answer. */
export function ratesFor(answeredPerSecond: number, share = 1, env: NodeJS.ProcessEnv = process.env): Rates {
  const usual = usualRates(env, share);
  const rate = usual.reused + usual.new;
  const carried = Math.max(least, Math.round(answeredPerSecond * shareOfAnswers));
  return env.RATE || rate <= carried ? usual : split(carried);
}

/** How quick this machine is, of the one that carries all of the load: 1, or less. For work that is to last about as long anywhere. */
export const speed = (): number => carried() / full;

/** Measured once: every proof of a process has the same load. */
let measured: number | undefined;
function carried(): number {
  measured ??= carriedBy(startOfNodeMs());
  return measured;
}

/** The quickest of some: the others met something else that ran. */
function startOfNodeMs(): number {
  const times = Array.from({ length: 7 }, () => {
    const startedAt = performance.now();
    const { error } = spawnSync(process.execPath, ["-e", "0"], { env: {}, stdio: "ignore" });
    if (error) throw error;
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}
