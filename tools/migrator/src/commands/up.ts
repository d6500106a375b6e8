import { warnOfCreators } from "../database/creators.ts";
import { lockKey, withLock, withLockIfFree } from "../database/lock.ts";
import { type ConnectOptions, withSession } from "../database/session.ts";
import { stopIfTold } from "../database/wait.ts";
import { MigratorError } from "../errors.ts";
import { applyMigration } from "../execute/apply.ts";
import { type Limits, resetSession } from "../execute/guards.ts";
import { onRecord } from "../execute/insist.ts";
import type { Execution, StepResult } from "../execute/step.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { LoadedMigration, Phase } from "../migrations/types.ts";
import { applyContract } from "../phases/contract.ts";
import { cameMeanwhile, type Obstacle, obstacleBefore, type Way } from "../phases/obstacle.ts";
import { createPatience } from "../phases/patience.ts";
import { chosen, type Selection } from "../phases/schedule.ts";
import type { Audience } from "../phases/sessions.ts";
import { watchGates } from "../phases/watch.ts";
import { floorUnsettled, settleFloor } from "../record/floor.ts";
import { type Inspection, inGoodOrder, inspect } from "../record/inspect.ts";
import { prepare, sayWithdrawn } from "../record/prepare.ts";
import { recordTables } from "../record/tables.ts";
import { revertedHalfWay, warnOfUnknown } from "../record/unfinished.ts";

export interface UpOptions extends ConnectOptions {
  migrations: string;
  phase: Selection;
  /** Name of the last migration to apply. */
  to?: string | undefined;
  /** Readers also get SELECT on the record. */
  audience: Audience;
  /** Longest wait for the lock, or for the gate of one contract. */
  waitMs: number;
  /** How long a gate must have been clear before its contract runs; not for expand runs, which never wait. */
  soakMs: number;
  limits: Limits;
  lockBudgetMs: number;
  /** Called once there is a migration to run; may throw. */
  beforeWork?(): void;
}

export interface UpResult {
  applied: StepResult[];
  /** Known but left alone: of a later phase, or after `--to`. */
  pending: { name: string; phase: Phase }[];
  /** Applied by TypeORM's CLI before, taken over now. */
  adopted: string[];
  /** Applied by a newer release. */
  newer: string[];
  durationMs: number;
}

interface Run {
  execution: Execution;
  way: Way;
  goal: number;
  result: Pick<UpResult, "applied" | "adopted">;
}

/** Applies what is pending of the chosen phase. What it waits for besides the lock, it waits for without the lock. */
export async function up(options: UpOptions, log: Log, signal: AbortSignal): Promise<UpResult> {
  const started = performance.now();
  const local = await readMigrations(options.migrations);
  const goal = upTo(local, options.to);
  return withSession(options, log, async (session) => {
    const { phase, audience, limits, lockBudgetMs, waitMs } = options;
    const { sql } = session;
    const tables = recordTables(session.schema, options.recordTable);
    const key = lockKey(tables);
    const gates = watchGates(sql, { audience, soakMs: phase === "expand" ? 0 : options.soakMs, log });
    const run: Run = {
      execution: { session, tables, key, limits, lockBudgetMs, log, signal },
      way: { sql, phase, local, audience, gates },
      goal,
      result: { applied: [], adopted: [] },
    };
    await warnOfCreators(session, audience.readers, log);
    const patience = createPatience(waitMs, signal);
    for (;;) {
      const seen = await onRecord(run.execution, () => inspect(session, tables, local));
      const steps = stepsOf(run, seen);
      // It may be at work this moment; under the lock it is refused.
      const half = revertedHalfWay(local, seen.record.unfinished) !== undefined;
      stopIfTold(signal);
      if (steps.length > 0) options.beforeWork?.();
      const obstacle = half ? undefined : await obstacleBefore(run.way, steps, seen.record.fresh);
      // An expand run leaves a last contract whose gate is closed to the contract run.
      const idle = !half && (steps.length === 0 || (obstacle !== undefined && phase === "expand"));
      if (
        idle &&
        (await onRecord(run.execution, () => inGoodOrder(session, tables, seen, audience.readers)))
      ) {
        // Without the lock: an older release that is rolled back must not wait for a newer one at work.
        await onRecord(run.execution, () => settleIfFree(run.execution));
        warnOfUnknown(log, local, seen.record.unfinished);
        return summary(seen, run, started);
      }
      if (obstacle !== undefined && !idle && !half) {
        await patience.pauseFor(obstacle);
        continue;
      }
      const lock = { key, waitMs: patience.leftMs(), log, signal };
      const { applied, cameUp } = await withLock(session, lock, () => underLock(run));
      if (applied > 0) patience.restart();
      if (cameUp !== undefined && phase !== "expand") await patience.pauseFor(cameUp);
    }
  });
}

/** Applies what can be applied now, up to a step that is for somebody else or whose gate is closed. */
async function underLock({ execution, way, goal, result }: Run) {
  const { session, tables, log, limits } = execution;
  await resetSession(session, limits);
  const preparing = { local: way.local, readers: way.audience.readers, log };
  result.adopted.push(...(await onRecord(execution, () => prepare(session, tables, preparing))));
  const seen = await onRecord(execution, () => inspect(session, tables, way.local));
  const half = revertedHalfWay(way.local, seen.record.unfinished);
  if (half !== undefined) throw half;
  const steps = stepsOf({ way, goal }, seen);
  const { fresh } = seen.record;
  const before = result.applied.length;
  const done = (cameUp?: Obstacle) => ({ applied: result.applied.length - before, cameUp });
  for (const [index, step] of steps.entries()) {
    const left = steps.slice(index);
    const obstacle = await obstacleBefore(way, left, fresh);
    if (obstacle !== undefined) return done(obstacle);
    if (step.phase === "contract") {
      const outcome = await applyContract(execution, step, { audience: way.audience, fresh });
      if ("alive" in outcome) return done(await cameMeanwhile(way, left, step, outcome.alive));
      result.applied.push(outcome.applied);
    } else {
      result.applied.push(await applyMigration(execution, step));
    }
  }
  return done();
}

const stepsOf = ({ way, goal }: Pick<Run, "way" | "goal">, { record, assessment }: Inspection) =>
  chosen(assessment.pending, { phase: way.phase, goal, fresh: record.fresh });

/** What a migrator that was killed left behind. The lock must be free: only then is its work over. */
async function settleIfFree({ session, tables, key, log }: Execution): Promise<void> {
  if (!(await floorUnsettled(session.sql, tables))) return;
  const contract = await withLockIfFree(session, key, () => settleFloor(session.sql, tables));
  if (contract !== undefined) sayWithdrawn(log, contract);
}

export function upTo(local: readonly LoadedMigration[], name: string | undefined): number {
  if (name === undefined) return Number.POSITIVE_INFINITY;
  const found = local.find((migration) => migration.name === name);
  if (found !== undefined) return found.timestamp;
  throw new MigratorError(ExitCode.Usage, `There is no migration named ${name}.`, {
    next: `There are ${local.map((migration) => migration.name).join(", ")}.`,
  });
}

const summary = ({ assessment }: Inspection, { result }: Run, started: number): UpResult => ({
  ...result,
  pending: assessment.pending.map(({ name, phase }) => ({ name, phase })),
  newer: assessment.newer.map((row) => row.name),
  durationMs: Math.round(performance.now() - started),
});
