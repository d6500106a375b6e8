import { classify } from "../classify.ts";
import { asRun, fail, type Run } from "../database/traffic.ts";
import type { MigratorError } from "../errors.ts";
import { firstFault, raise } from "../faults.ts";
import type { Log } from "../log.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { idleInTransactionMs } from "./guards.ts";
import { notIdle } from "./idle.ts";
import { waitForLeftovers } from "./leftovers.ts";
import { noSelfDeadlock } from "./self-deadlock.ts";
import type { Execution } from "./step.ts";

/** Runs a migration's own code: it ends, it does not wait for itself, and it leaves nothing behind. */
export async function watched(
  { session, limits }: Execution,
  name: string,
  log: Log,
  work: () => Promise<unknown>,
): Promise<void> {
  const run: Run = {
    name,
    ended: false,
    guards: `SET lock_timeout = ${limits.lockTimeoutMs}; SET idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
    late: raise,
  };
  const everyMs = Math.max(limits.lockTimeoutMs / 5, 50);
  try {
    await notIdle(session, { name, idleBudgetMs: limits.idleBudgetMs }, () =>
      noSelfDeadlock(session, { run, everyMs, log }, async () => {
        await asRun(run, work);
        await waitForLeftovers(session, run, log);
      }),
    );
  } catch (error) {
    fail(run);
    throw error;
  }
}

/** An error that nobody waited for is the failure of the migration that runs. */
export function faultOf({ name }: LoadedMigration, doing: string): MigratorError | undefined {
  const fault = firstFault();
  return fault && classify(fault.error, name, doing);
}
