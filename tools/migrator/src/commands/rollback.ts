import { lockKey, withLock } from "../database/lock.ts";
import { type ConnectOptions, type Session, withSession } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { revertMigration } from "../execute/apply.ts";
import { type Limits, resetSession } from "../execute/guards.ts";
import { onRecord } from "../execute/insist.ts";
import type { StepResult } from "../execute/step.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { newerAlive } from "../phases/closed.ts";
import { scopeOf } from "../phases/contract.ts";
import { type Audience, mayUse, releaseSessions } from "../phases/sessions.ts";
import { type Inspection, inspect } from "../record/inspect.ts";
import { prepare } from "../record/prepare.ts";
import { type RecordTables, recordTables } from "../record/tables.ts";
import { forgetByHand } from "../record/unfinished.ts";

export interface RollbackOptions extends ConnectOptions {
  migrations: string;
  /** Name of the last migration that stays. */
  to?: string | undefined;
  audience: Audience;
  waitMs: number;
  limits: Limits;
  lockBudgetMs: number;
}

export interface RollbackResult {
  /** In the order in which they were reverted. */
  reverted: StepResult[];
  durationMs: number;
}

/** Reverts the last applied migration, or all after `--to`, each with the same care with which it was applied. */
export async function rollback(
  options: RollbackOptions,
  log: Log,
  signal: AbortSignal,
): Promise<RollbackResult> {
  const started = performance.now();
  const local = await readMigrations(options.migrations);
  return withSession(options, log, async (session) => {
    const { audience, waitMs, limits, lockBudgetMs } = options;
    const tables = recordTables(session.schema, options.recordTable);
    const key = lockKey(tables);
    const execution = { session, tables, key, limits, lockBudgetMs, log, signal };
    const look = () => onRecord(execution, () => inspect(session, tables, local));
    const targets = async () => toRevert(local, await look(), options.to, tables);
    const reverted: StepResult[] = [];
    const refuse = (migrations: LoadedMigration[]) => refuseWhileUsed(session, migrations, audience);
    const planned = await targets();
    const done = () => ({ reverted, durationMs: Math.round(performance.now() - started) });
    if (planned.length === 0) return done();
    // Before anything is touched; and again with each attempt of each one, for who came meanwhile.
    await refuse(planned);
    return withLock(session, { key, waitMs, log, signal }, async () => {
      await resetSession(session, limits);
      await onRecord(execution, () => prepare(session, tables, { local, readers: [], log }));
      for (const migration of await targets()) {
        reverted.push(await revertMigration(execution, migration, () => refuse([migration])));
      }
      return done();
    });
  });
}

/**
 * What is to be reverted, the last one first. Something that was begun outside a transaction counts like something
 * applied, since it may be there: what lies below it is not reverted under it. Throws where one of them cannot be.
 */
function toRevert(
  local: readonly LoadedMigration[],
  { record }: Inspection,
  to: string | undefined,
  tables: RecordTables,
): LoadedMigration[] {
  const isKnown = (name: string) => local.some((known) => known.name === name);
  // Of history nobody has the down any more.
  const rows = record.applied.filter(({ name, history }) => !history || isKnown(name));
  const applied = rows.map(({ name }) => name);
  if (to !== undefined && !applied.includes(to)) {
    throw new MigratorError(ExitCode.Usage, `${to} is not applied, so there is nothing to go back to.`, {
      next: applied.length > 0 ? `Applied are ${applied.join(", ")}.` : "Nothing is applied.",
    });
  }
  const begun = record.unfinished.filter(({ name }) => !applied.includes(name));
  const there = [...rows, ...begun].sort((a, b) => a.timestamp - b.timestamp);
  const after = (
    to === undefined ? there.slice(-1) : there.slice(there.findIndex(({ name }) => name === to) + 1)
  ).map(({ name }) => name);
  const giveUp = (name: string) =>
    begun.some((one) => one.name === name)
      ? ` Or undo by hand what it has done, then run: ${forgetByHand(tables, name)}`
      : "";
  const unknown = after.find((name) => !isKnown(name));
  if (unknown !== undefined) {
    throw new MigratorError(
      ExitCode.RecordMismatch,
      `${unknown} comes from a newer release: how to revert it is not known here.`,
      {
        next: `Run rollback with the migrations of that release.${giveUp(unknown)}`,
        facts: { migration: unknown },
      },
    );
  }
  const migrations = local.filter(({ name }) => after.includes(name)).reverse();
  const oneWay = migrations.find(({ instance }) => typeof instance.down !== "function");
  if (oneWay === undefined) return migrations;
  throw new MigratorError(ExitCode.MigrationFailed, `${oneWay.name} has no down, so it cannot be reverted.`, {
    next: begun.some(({ name }) => name === oneWay.name)
      ? `Nothing was changed. Let migrator up finish it.${giveUp(oneWay.name)}`
      : "Nothing was changed. Write a new migration that undoes it.",
    facts: { migration: oneWay.name },
  });
}

/**
 * A session's level says which migrations its code knows; it may be using any of them, and so may one that names none. From
 * a second session: the first look inside a transaction would be repeated for ever, and shows what `down` has changed.
 */
async function refuseWhileUsed(
  session: Session,
  migrations: readonly LoadedMigration[],
  audience: Audience,
): Promise<void> {
  for (const migration of migrations) {
    const sessions = await session.beside((sql) => releaseSessions(sql, audience, scopeOf(migration, false)));
    const alive = mayUse(sessions, migration.timestamp);
    if (alive.length > 0) throw newerAlive(migration, alive);
  }
}
