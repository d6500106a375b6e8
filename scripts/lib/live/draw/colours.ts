import type { PodState } from "../../rollout/pod-state.ts";
import type { LiveState } from "../model/state.ts";
import type { Style } from "./paint.ts";

const versionStyles: Style[] = ["cyan", "magenta", "yellow", "blue"];

/** A release looks the same wherever it is named, in the order in which the releases were first seen. */
export function versionStyle({ timeline, load }: LiveState): (version: string) => Style {
  const known = new Set([
    ...[...timeline.pods.values()].map(({ version }) => version),
    ...(load?.versions ?? []).map(({ version }) => version),
  ]);
  const order = [...known].filter(Boolean);
  return (version) => versionStyles[order.indexOf(version) % versionStyles.length] ?? "red";
}

/** Told apart by shape, too: not every terminal has colours. */
export const podMarks: Record<PodState, { mark: string; style: Style }> = {
  pending: { mark: "○", style: "yellow" },
  gate: { mark: "◔", style: "yellow" },
  starting: { mark: "◑", style: "yellow" },
  ready: { mark: "●", style: "green" },
  unready: { mark: "✖", style: "red" },
  draining: { mark: "◌", style: "dim" },
  gone: { mark: " ", style: "dim" },
};
