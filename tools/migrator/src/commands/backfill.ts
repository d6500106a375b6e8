import type { Pace } from "../backfill/pace.ts";
import { lockKey, withLock } from "../database/lock.ts";
import { type ConnectOptions, withSession } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { applyMigration } from "../execute/apply.ts";
import { type Limits, resetSession } from "../execute/guards.ts";
import { onRecord } from "../execute/insist.ts";
import { type Execution, perform } from "../execute/step.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { type BackfillProgress, forgetFinished, readBackfills } from "../record/backfills.ts";
import { inspect } from "../record/inspect.ts";
import { prepare } from "../record/prepare.ts";
import { recordTables } from "../record/tables.ts";
import { revertedHalfWay } from "../record/unfinished.ts";

export interface BackfillOptions extends ConnectOptions {
  migrations: string;
  /** Name of the migration. */
  name: string;
  /** Run it once more though it is recorded. */
  again: boolean;
  pace: Partial<Pace>;
  readers: readonly string[];
  waitMs: number;
  limits: Limits;
  lockBudgetMs: number;
}

export interface BackfillResult {
  name: string;
  /** `swept`: it was recorded before, and ran again. */
  outcome: "applied" | "swept" | "nothing to do";
  backfills: BackfillProgress[];
  durationMs: number;
}

/** Runs one backfill alone, and records it unless it is. */
export async function backfill(
  options: BackfillOptions,
  log: Log,
  signal: AbortSignal,
): Promise<BackfillResult> {
  const started = performance.now();
  const local = await readMigrations(options.migrations);
  const migration = find(local, options.name);
  return withSession(options, log, async (session) => {
    const tables = recordTables(session.schema, options.recordTable);
    const key = lockKey(tables);
    const { limits, lockBudgetMs, pace, readers, waitMs, again } = options;
    const result = async (outcome: BackfillResult["outcome"]): Promise<BackfillResult> => ({
      name: migration.name,
      outcome,
      backfills: (await readBackfills(session.sql, tables)).filter(({ name }) => belongsTo(migration, name)),
      durationMs: Math.round(performance.now() - started),
    });
    // Without the lock, so that a Job that is started again never waits for another migrator at work.
    const execution: Execution = { session, tables, key, limits, lockBudgetMs, pace, log, signal };
    const look = () => onRecord(execution, () => inspect(session, tables, local));
    if (!again && isApplied(migration, await look()))
      return onRecord(execution, () => result("nothing to do"));
    return withLock(session, { key, waitMs, log, signal }, async () => {
      await resetSession(session, limits);
      await onRecord(execution, () => prepare(session, tables, { local, readers, log }));
      const seen = await look();
      const half = revertedHalfWay(local, seen.record.unfinished);
      if (half !== undefined) throw half;
      if (!isApplied(migration, seen)) {
        inOrder(migration, seen.assessment.pending);
        await applyMigration(execution, migration);
        return result("applied");
      }
      if (!again) return result("nothing to do");
      await forgetFinished(session.sql, tables, migration.name);
      await perform(execution, { migration, direction: "up", record: async () => {} });
      return result("swept");
    });
  });
}

const isApplied = (migration: LoadedMigration, { assessment }: Awaited<ReturnType<typeof inspect>>) =>
  !assessment.pending.includes(migration);

/** A migration names its checkpoints after itself; see batched. */
const belongsTo = ({ name }: LoadedMigration, checkpoint: string) =>
  checkpoint === name || checkpoint.startsWith(`${name}/`);

function find(local: readonly LoadedMigration[], name: string): LoadedMigration {
  const found = local.find((migration) => migration.name === name);
  if (found?.phase === "backfill") return found;
  const names = local.filter(({ phase }) => phase === "backfill").map((migration) => migration.name);
  const what =
    found === undefined ? `There is no migration named ${name}.` : `${name} is no backfill (${found.phase}).`;
  throw new MigratorError(ExitCode.Usage, what, {
    next: names.length > 0 ? `The backfills are ${names.join(", ")}.` : "There is no backfill among them.",
  });
}

function inOrder(migration: LoadedMigration, pending: readonly LoadedMigration[]): void {
  const [first] = pending;
  if (first === undefined || first === migration) return;
  throw new MigratorError(
    ExitCode.ContractGateClosed,
    `${migration.name} comes after ${first.name} (${first.phase}), which is not applied yet.`,
    { next: `Apply ${first.name} first (migrator up).`, facts: { migration: first.name } },
  );
}
