import { lockKey, withLock } from "../database/lock.ts";
import { type ConnectOptions, type Session, withSession } from "../database/session.ts";
import { stopIfTold } from "../database/wait.ts";
import { MigratorError } from "../errors.ts";
import { type Limits, resetSession } from "../execute/guards.ts";
import { onRecord } from "../execute/insist.ts";
import type { Execution } from "../execute/step.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { LoadedMigration, Phase } from "../migrations/types.ts";
import { type Baseline, planBaseline, writeBaseline } from "../record/baseline.ts";
import { schemasAround, typeormMetadata } from "../record/occupied.ts";
import { readRecord } from "../record/read.ts";
import { findRecords } from "../record/record-like.ts";
import { recordTables } from "../record/tables.ts";
import { revertedHalfWay } from "../record/unfinished.ts";
import { describeDifference } from "../shadow/differences.ts";
import { type Verification, verify } from "../shadow/verify.ts";
import { upTo } from "./up.ts";

export interface BaselineOptions extends ConnectOptions {
  migrations: string;
  /** Name of the last migration that the schema has. */
  to?: string | undefined;
  /** Nothing of what is there is from these migrations. */
  none: boolean;
  /** Show and check, and write nothing. */
  dryRun: boolean;
  /** Record it though the schema is not what the migrations make. */
  acceptDifferences: boolean;
  shadow: string | undefined;
  readers: readonly string[];
  waitMs: number;
  limits: Limits;
  lockBudgetMs: number;
}

export interface BaselineResult {
  recorded: { name: string; phase: Phase }[];
  /** Recorded before, without a file: they stay, as history. */
  history: string[];
  /** It was recorded that nothing is applied. */
  none: boolean;
  /** Undefined where there was nothing to do, or nothing to compare. */
  check: Verification | undefined;
  dryRun: boolean;
  durationMs: number;
}

/** Records that a schema has these migrations already. They are run on a shadow database only, to see whether it does. */
export async function baseline(
  options: BaselineOptions,
  log: Log,
  signal: AbortSignal,
): Promise<BaselineResult> {
  const started = performance.now();
  const local = await readMigrations(options.migrations);
  const goal = upTo(local, options.to);
  return withSession(options, log, async (session) => {
    const { limits, lockBudgetMs, waitMs, dryRun } = options;
    const tables = recordTables(session.schema, options.recordTable);
    const key = lockKey(tables);
    const execution: Execution = { session, tables, key, limits, lockBudgetMs, log, signal };
    const look = () =>
      onRecord(execution, async () => {
        const record = await readRecord(session, tables, local);
        return { record, plan: planBaseline(local, record, tables, { ...options, goal }) };
      });
    const result = (plan: Baseline, check?: Verification): BaselineResult => ({
      recorded: plan.record.map(({ name, phase }) => ({ name, phase })),
      history: plan.old.map(({ name }) => name),
      none: plan.none,
      check,
      dryRun,
      durationMs: Math.round(performance.now() - started),
    });
    const work = async () => {
      const { record, plan } = await look();
      if (isNothing(plan)) return result(plan);
      const half = revertedHalfWay(local, record.unfinished);
      if (half !== undefined) throw half;
      show(log, plan);
      const check = plan.none ? undefined : await checked(execution, local, goal, options);
      stopIfTold(signal);
      if (!dryRun) {
        const { complete } = record;
        await onRecord(execution, () =>
          writeBaseline(session, tables, plan, { complete, readers: options.readers }),
        );
      }
      return result(plan, check);
    };
    const { plan } = await look();
    if (isNothing(plan)) return result(plan);
    if (dryRun) return work();
    return withLock(session, { key, waitMs, log, signal }, async () => {
      await resetSession(session, limits);
      return work();
    });
  });
}

const isNothing = ({ record, old, none }: Baseline) => record.length + old.length === 0 && !none;

function show(log: Log, { record, old, none }: Baseline): void {
  for (const { name, phase } of record) log.info({ migration: name, phase }, "to be recorded as applied");
  for (const { name } of old) log.info({ migration: name }, "to be kept as history");
  if (none) log.info("to be recorded: none of these migrations is applied, whatever is there");
}

async function checked(
  { session, tables, log, signal }: Execution,
  local: readonly LoadedMigration[],
  goal: number,
  { shadow, acceptDifferences }: BaselineOptions,
): Promise<Verification> {
  const schemas = await schemasAround(session, tables, local);
  const check = await verify(
    session,
    {
      tables,
      migrations: local.filter(({ timestamp }) => timestamp <= goal),
      schemas,
      leftOut: await noPartOfIt(session, tables, schemas),
      shadow,
    },
    log,
    signal,
  );
  if (check.state === "matches")
    log.info({ check }, "the schema is what these migrations make of an empty database");
  else if (check.state === "not checked") log.warn({ check }, notChecked(check.reason));
  else if (acceptDifferences)
    log.warn({ check }, "the schema is not what these migrations make; recorded all the same");
  else throw differs(check);
  return check;
}

/** The record, and the records that other tools left. */
async function noPartOfIt(
  { sql }: Session,
  tables: Execution["tables"],
  schemas: readonly string[],
): Promise<string[]> {
  const others = await findRecords(sql, tables, schemas, []);
  return [
    ...tables.names.map((name) => `${tables.schema}.${name}`),
    ...schemas.map((schema) => `${schema}.${typeormMetadata}`),
    ...others.filter(({ tool }) => tool !== "TypeORM").map(({ schema, table }) => `${schema}.${table}`),
  ];
}

export const notChecked = (reason: string) =>
  `it was not checked that the schema has these migrations: ${reason} --shadow URL names a server to try them on`;

function differs(check: Exclude<Verification, { state: "matches" | "not checked" }>): MigratorError {
  const accept = "or record it all the same with --accept-differences.";
  if (check.state === "fails") {
    return new MigratorError(
      ExitCode.RecordMismatch,
      `Whether the schema has these migrations cannot be seen, because they do not run on an empty database. ${check.reason} Nothing was recorded.`,
      { next: `Repair that, ${accept}`, facts: { check } },
    );
  }
  const lines = check.differences.slice(0, 10).map(describeDifference);
  const more = check.differences.length - lines.length;
  return new MigratorError(
    ExitCode.RecordMismatch,
    `The schema is not what these migrations make of an empty database (${check.shadow}): ${lines.join("; ")}${more > 0 ? `; and ${more} more (--json lists them)` : ""}. Nothing was recorded.`,
    {
      next: `${check.note ? `${check.note} ` : ""}Name the last migration that the schema has with --to, put the schema right, ${accept}`,
      facts: { check },
    },
  );
}
