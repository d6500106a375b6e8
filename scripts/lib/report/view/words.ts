import type { PhaseName } from "../../load/summary.ts";

export const phaseTitles: Record<PhaseName, string> = {
  steady: "steady",
  plainRestart: "plain restart",
  migrating: "expand",
  rollout: "rollout",
  backfill: "backfill",
  contract: "contract",
};

/** What a phase does to the service: nothing, replaces pods, or changes the schema. */
export const phaseKinds: Record<PhaseName, "calm" | "pods" | "schema"> = {
  steady: "calm",
  plainRestart: "pods",
  migrating: "schema",
  rollout: "pods",
  backfill: "schema",
  contract: "schema",
};

/** 16,200 */
export const number = (value: number): string => value.toLocaleString("en");

/** Milliseconds as people say them: 90 ms, 4.9 s, 2 min 5 s. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1_000);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest ? ` ${rest} s` : ""}`;
}

/** A moment of the run, counted from its start: 0:42.3 */
export function moment(ms: number): string {
  const tenths = Math.round(Math.abs(ms) / 100);
  const seconds = (tenths % 600) / 10;
  const text = `${Math.floor(tenths / 600)}:${seconds < 10 ? "0" : ""}${seconds.toFixed(1)}`;
  return ms < 0 && tenths > 0 ? `−${text}` : text;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;
