import type { Sql } from "../database/session.ts";
import type { MigratorError } from "../errors.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { mustComeFirst } from "./closed.ts";
import { contractOf } from "./contract.ts";
import { chosen } from "./schedule.ts";
import { type AliveSession, olderThan, releaseSessions } from "./sessions.ts";

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
  reader: string | undefined,
  seen: { local: readonly LoadedMigration[]; pending: readonly LoadedMigration[]; fresh: boolean },
): Promise<Preview> {
  const next = seen.pending.find(({ phase }) => phase === "contract");
  if (next === undefined) return { gate: undefined, problem: undefined };
  const everybody = await releaseSessions(sql, reader);
  const aliveFor = (contract: LoadedMigration) => olderThan(everybody, contractOf(contract).needs);
  const alive = aliveFor(next);
  const { name, needs } = contractOf(next);
  const steps = chosen(seen.pending, { phase: "expand", goal: Number.POSITIVE_INFINITY, fresh: seen.fresh });
  const behind = (contract: LoadedMigration) =>
    steps.find(({ phase, timestamp }) => phase === "expand" && timestamp > contract.timestamp);
  const stuck = steps.find(
    (step) => step.phase === "contract" && behind(step) !== undefined && aliveFor(step).length > 0,
  );
  const first = stuck && behind(stuck);
  return {
    gate: { contract: name, needs, open: alive.length === 0, alive },
    problem:
      stuck && first && mustComeFirst(stuck, first, { local: seen.local, alive: aliveFor(stuck), everybody }),
  };
}
