import type { Sql } from "../database/session.ts";
import type { MigratorError } from "../errors.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { mustComeFirst, neverExpanded, stillClosed } from "./closed.ts";
import type { Selection } from "./schedule.ts";
import { type AliveSession, type Audience, releaseSessions } from "./sessions.ts";
import type { Closed, GateWatch } from "./watch.ts";

/** Why the next step cannot run now: it is an expand step, which somebody else applies, or its gate is closed. */
export interface Obstacle {
  step: LoadedMigration;
  closed?: Closed;
}

export interface Way {
  sql: Sql;
  phase: Selection;
  local: readonly LoadedMigration[];
  audience: Audience;
  gates: GateWatch;
}

/**
 * Looks at what is in the way of these steps, and touches nothing. An expand run does not wait for gates, so it looks
 * at all of them before it applies the first step, and throws where an expand step is behind a closed one.
 */
export async function obstacleBefore(
  way: Way,
  steps: readonly LoadedMigration[],
  fresh: boolean,
): Promise<Obstacle | undefined> {
  const [next] = steps;
  if (next === undefined) return undefined;
  if (way.phase === "contract" && next.phase === "expand") return { step: next };
  const contracts = steps.filter(({ phase }) => phase === "contract");
  for (const step of way.phase === "expand" ? contracts : contracts.filter((one) => one === next)) {
    const closed = await way.gates.look(step, fresh);
    if (closed === undefined) continue;
    if (way.phase === "expand") await refuseBehind(way, step, steps, closed.alive);
    if (step === next) return { step, closed };
  }
  return undefined;
}

/** The gate was clear, and somebody came while the floor was proposed. */
export async function cameMeanwhile(
  way: Way,
  steps: readonly LoadedMigration[],
  step: LoadedMigration,
  alive: AliveSession[],
): Promise<Obstacle> {
  const closed = way.gates.closedBy(step, alive);
  if (way.phase === "expand") await refuseBehind(way, step, steps, alive);
  return { step, closed };
}

async function refuseBehind(
  { sql, local, audience }: Way,
  contract: LoadedMigration,
  steps: readonly LoadedMigration[],
  alive: AliveSession[],
): Promise<void> {
  const behind = steps.find(({ phase, timestamp }) => phase === "expand" && timestamp > contract.timestamp);
  if (behind === undefined) return;
  // Only levels are asked for: they tell which release was skipped.
  const everybody = await releaseSessions(sql, audience, "none");
  throw mustComeFirst(contract, behind, { local, alive, everybody });
}

/** What it comes to when the wait is over. */
export const afterAll = ({ step, closed }: Obstacle, waitMs: number): MigratorError =>
  closed === undefined ? neverExpanded(step, waitMs) : stillClosed(step, closed, waitMs);
