import { stillLocked } from "../database/lock.ts";
import { stopIfTold } from "../database/wait.ts";
import { applyMigration } from "../execute/apply.ts";
import type { Execution, StepResult } from "../execute/step.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { type Contract, finaliseFloor, settleFloor } from "../record/floor.ts";
import { tryGate } from "./gate.ts";
import { CameMeanwhile, refuseNewcomers, refuseUndeclared } from "./second-look.ts";
import type { AliveSession, Audience, Scope } from "./sessions.ts";

export type ContractOutcome = { applied: StepResult } | { alive: AliveSession[] };

/**
 * Passes the gate and applies the contract, or says who is in the way. Only for who holds the lock.
 *
 * In a transaction, the floor becomes final together with the contract, or neither happens: nothing is lost by
 * withdrawing it after a failure. Outside one, each statement stays done, and already the first may be what older code
 * cannot live with; withdrawn after a failure, or cleared by the next lock holder after a SIGKILL, the floor would let
 * that code come back to half a contract. So there it becomes final before the first statement, in a commit of its
 * own, and stays until the step is recorded (it is repeatable, so it will be) or undone by hand.
 */
export async function applyContract(
  execution: Execution,
  migration: LoadedMigration,
  { audience, fresh }: { audience: Audience; fresh: boolean },
): Promise<ContractOutcome> {
  const { session, tables, key, log, signal } = execution;
  const { sql } = session;
  const contract = contractOf(migration);
  const scope = scopeOf(migration, fresh);
  try {
    await stillLocked(sql, key);
    const alive = await tryGate(sql, { tables, contract, audience, scope });
    if (alive.length > 0) return { alive };
    stopIfTold(signal);
    if (!migration.transactional) await finaliseFloor(sql, tables, contract);
    const finalise = () => finaliseFloor(sql, tables, contract);
    if (!migration.transactional) return { applied: await applyMigration(execution, migration, finalise) };
    // Only here: outside a transaction nothing could be undone any more, and the floor is final.
    const lastLook = () => refuseNewcomers(session, migration, { audience, scope });
    const finaliseAsDeclared = async () => {
      await refuseUndeclared(session, migration, tables);
      await finalise();
    };
    return { applied: await applyMigration(execution, migration, finaliseAsDeclared, lastLook) };
  } catch (error) {
    // A lost session cannot withdraw anything: the next lock holder will.
    if (session.lost() === undefined) {
      await settleFloor(sql, tables).catch((err) =>
        log.warn({ err }, "could not withdraw the proposed floor; the next run does"),
      );
    }
    if (error instanceof CameMeanwhile) return { alive: error.alive };
    throw error;
  }
}

/** Whose sessions without a level count for a contract. */
export const scopeOf = ({ touches }: LoadedMigration, fresh: boolean): Scope =>
  fresh ? "none" : (touches ?? "any");

export const contractOf = ({ name, needs, timestamp }: LoadedMigration): Contract => ({
  name,
  needs: needs ?? timestamp,
});
