import type { Sql } from "../database/session.ts";
import type { MigratorError } from "../errors.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { mustComeFirst } from "./closed.ts";
import { contractOf, scopeOf } from "./contract.ts";
import { chosen } from "./schedule.ts";
import { type AliveSession, type Audience, olderThan, releaseSessions } from "./sessions.ts";

export interface GateState {
  contract: string;
  /** The lowest level that may be alive when it runs. */
  needs: number;
  open: boolean;
  /** Who keeps it closed. */
  alive: AliveSession[];
}

export interface Preview {
  /** Of the next contract that is pending. */
  gate: GateState | undefined;
  /** What `up` would refuse with. */
  problem: MigratorError | undefined;
}

/** What the gates look like from outside; proposes nothing. */
export async function previewGates(
  sql: Sql,
  audience: Audience,
  seen: { local: readonly LoadedMigration[]; pending: readonly LoadedMigration[]; fresh: boolean },
): Promise<Preview> {
  const next = seen.pending.find(({ phase }) => phase === "contract");
  if (next === undefined) return { gate: undefined, problem: undefined };
  const aliveFor = async (contract: LoadedMigration) =>
    olderThan(
      await releaseSessions(sql, audience, scopeOf(contract, seen.fresh)),
      contractOf(contract).needs,
    );
  const alive = await aliveFor(next);
  const { name, needs } = contractOf(next);
  const steps = chosen(seen.pending, { phase: "expand", goal: Number.POSITIVE_INFINITY, fresh: seen.fresh });
  const behind = (contract: LoadedMigration) =>
    steps.find(({ phase, timestamp }) => phase === "expand" && timestamp > contract.timestamp);
  const gate = { contract: name, needs, open: alive.length === 0, alive };
  for (const step of steps) {
    const first = step.phase === "contract" ? behind(step) : undefined;
    if (first === undefined) continue;
    const stuck = step === next ? alive : await aliveFor(step);
    if (stuck.length === 0) continue;
    const everybody = await releaseSessions(sql, audience, "none");
    return { gate, problem: mustComeFirst(step, first, { local: seen.local, alive: stuck, everybody }) };
  }
  return { gate, problem: undefined };
}
