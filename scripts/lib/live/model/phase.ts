import type { PhaseName } from "../../load/summary.ts";
import type { Span } from "./span.ts";

/**
 * Beside the phases of a proof: pods where there were none, pods that come or go without a new revision, and pods that
 * a migration that failed keeps back.
 */
export type LivePhaseName = PhaseName | "install" | "podChange" | "held";

/** `to` is infinite while it lasts. */
export interface LivePhase extends Span {
  name: LivePhaseName;
}

/** Work of one Job. */
export interface JobPhase extends LivePhase {
  job: string;
}
