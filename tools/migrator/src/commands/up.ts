import { lockKey, withLock } from "../database/lock.ts";
import { type ConnectOptions, type Session, withSession } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { type AppliedResult, applyMigration } from "../execute/apply.ts";
import { type Limits, resetSession } from "../execute/guards.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { LoadedMigration, Phase } from "../migrations/types.ts";
import { type Assessment, assess } from "../record/assess.ts";
import { missingGrants } from "../record/grants.ts";
import { type MigrationRecord, readRecord } from "../record/read.ts";
import { createRecordTables, type RecordTables, recordTables } from "../record/tables.ts";
import { adopt, clearProposedFloor } from "../record/write.ts";

export interface UpOptions extends ConnectOptions {
  migrations: string;
  /** Name of the last migration to apply. */
  to?: string | undefined;
  /** Role that gets SELECT on the record. */
  reader?: string | undefined;
  waitMs: number;
  limits: Limits;
  lockBudgetMs: number;
}

export interface UpResult {
  applied: AppliedResult[];
  /** Known but left alone: of a later phase, or after `--to`. */
  pending: { name: string; phase: Phase }[];
  /** Applied by TypeORM's CLI before, taken over now. */
  adopted: string[];
  /** Applied by a newer release. */
  newer: string[];
  durationMs: number;
}

/** Applies what is pending of the expand phase. */
export async function up(options: UpOptions, log: Log, signal: AbortSignal): Promise<UpResult> {
  const started = performance.now();
  const local = await readMigrations(options.migrations);
  const goal = upTo(local, options.to);
  return withSession(options, log, async (session) => {
    const tables = recordTables(session.schema);
    const before = await inspect(session, tables, local);
    if (await nothingToDo(session, tables, before, goal, options.reader)) {
      // Without the lock: an older release that is rolled back must not wait for a newer one at work.
      return result(before, [], [], started);
    }
    const key = lockKey(tables);
    const execution = {
      session,
      tables,
      key,
      limits: options.limits,
      lockBudgetMs: options.lockBudgetMs,
      log,
      signal,
    };
    return withLock(session, { key, waitMs: options.waitMs, log, signal }, async () => {
      await resetSession(session, options.limits);
      await prepare(session, tables, options.reader, log);
      const { assessment } = await inspect(session, tables, local);
      await adopt(session.sql, tables, assessment.unadopted);
      const applied: AppliedResult[] = [];
      for (const migration of due(assessment, goal)) {
        applied.push(await applyMigration(execution, migration));
      }
      const after = await inspect(session, tables, local);
      const adopted = assessment.unadopted.map((migration) => migration.name);
      return result(after, applied, adopted, started);
    });
  });
}

interface Inspection {
  record: MigrationRecord;
  assessment: Assessment;
}

async function inspect(
  session: Session,
  tables: RecordTables,
  local: LoadedMigration[],
): Promise<Inspection> {
  const record = await readRecord(session.sql, tables);
  const assessment = assess(local, record, tables);
  const [problem] = assessment.problems;
  if (problem !== undefined) throw problem;
  return { record, assessment };
}

async function nothingToDo(
  session: Session,
  tables: RecordTables,
  { record, assessment }: Inspection,
  goal: number,
  reader: string | undefined,
): Promise<boolean> {
  return (
    record.complete &&
    assessment.unadopted.length === 0 &&
    due(assessment, goal).length === 0 &&
    (await missingGrants(session.sql, tables.schema, reader)).length === 0
  );
}

async function prepare(session: Session, tables: RecordTables, reader: string | undefined, log: Log) {
  const { runner, sql } = session;
  await runner.startTransaction();
  try {
    await createRecordTables(sql, tables);
    const stale = await clearProposedFloor(sql, tables);
    const statements = await missingGrants(sql, tables.schema, reader);
    for (const statement of statements) await sql(statement);
    await runner.commitTransaction();
    if (stale !== undefined)
      log.warn({ contract: stale }, "cleared the floor of a contract that was never applied");
    if (statements.length > 0) log.info({ statements }, "corrected who may touch the record");
  } catch (error) {
    if (session.lost() === undefined) await runner.rollbackTransaction();
    throw error;
  }
}

/** The pending migrations this run applies. One of a later phase in between must come first, so it stops us. */
function due({ pending }: Assessment, goal: number): LoadedMigration[] {
  const wanted = pending.filter((migration) => migration.timestamp <= goal);
  const later = wanted.find((migration) => migration.phase !== "expand");
  const stuck =
    later &&
    wanted.find((migration) => migration.phase === "expand" && migration.timestamp > later.timestamp);
  if (stuck !== undefined) {
    throw new MigratorError(
      ExitCode.ContractGateClosed,
      `${stuck.name} comes after ${later?.name} (${later?.phase}), which is not applied yet.`,
      { next: `Apply ${later?.name} first.`, facts: { migration: later?.name ?? "" } },
    );
  }
  return wanted.filter((migration) => migration.phase === "expand");
}

function upTo(local: readonly LoadedMigration[], name: string | undefined): number {
  if (name === undefined) return Number.POSITIVE_INFINITY;
  const found = local.find((migration) => migration.name === name);
  if (found !== undefined) return found.timestamp;
  throw new MigratorError(ExitCode.Usage, `There is no migration named ${name}.`, {
    next: `There are ${local.map((migration) => migration.name).join(", ")}.`,
  });
}

function result(
  { assessment }: Inspection,
  applied: AppliedResult[],
  adopted: string[],
  started: number,
): UpResult {
  return {
    applied,
    pending: assessment.pending.map(({ name, phase }) => ({ name, phase })),
    adopted,
    newer: assessment.newer.map((row) => row.name),
    durationMs: Math.round(performance.now() - started),
  };
}
