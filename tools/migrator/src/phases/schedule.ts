import type { LoadedMigration, Phase } from "../migrations/types.ts";

/** What `up --phase` takes. */
export const selections = ["expand", "contract", "all"] as const;
export type Selection = (typeof selections)[number];

export interface Choice {
  phase: Selection;
  /** Timestamp of the last migration to apply. */
  goal: number;
  /** Nothing was applied yet: there is no older code to be careful of, so an expand run takes everything. */
  fresh: boolean;
}

/**
 * The pending migrations a run is about, in order. An expand run includes the backfills and contracts before its last
 * expand step, a contract run the expand steps before its last one of those (which somebody else applies).
 */
export function chosen<M extends { timestamp: number; phase: Phase }>(
  pending: readonly M[],
  { phase, goal, fresh }: Choice,
): M[] {
  const wanted = pending.filter(({ timestamp }) => timestamp <= goal);
  if (phase === "all" || (phase === "expand" && fresh)) return wanted;
  const own = (migration: M) => (migration.phase === "expand") === (phase === "expand");
  return wanted.slice(0, wanted.findLastIndex(own) + 1);
}

/**
 * The last migration of the release that brings a contract step, as far as the order shows: whatever stands before the
 * next expand step. Who skipped that release deploys it first.
 */
export function releaseWith(local: readonly LoadedMigration[], contract: LoadedMigration): LoadedMigration {
  const next = local.findIndex(
    ({ phase, timestamp }) => phase === "expand" && timestamp > contract.timestamp,
  );
  return local.at(next === -1 ? -1 : next - 1) ?? contract;
}
