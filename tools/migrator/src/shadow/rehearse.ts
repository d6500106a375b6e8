import { lockKey, withLock } from "../database/lock.ts";
import { withSession } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { applyMigration, type Execution } from "../execute/apply.ts";
import { resetSession } from "../execute/guards.ts";
import type { Log } from "../log.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { createRecordTables, isRecord, recordTables } from "../record/tables.ts";
import { loadParser } from "../sql/parser.ts";
import type { Births } from "./changes.ts";
import { observing } from "./observe.ts";
import { runAgain } from "./repeat.ts";
import type { RehearsedMigration } from "./types.ts";

export interface RehearsalOptions {
  url: string;
  /** Schema of the record. */
  schema: string;
  recordTable?: string | undefined;
  /** Applied without a look: what the database has already. */
  base: readonly LoadedMigration[];
  pending: readonly LoadedMigration[];
  /** Run what is outside a transaction a second time, as after a crash before it was recorded. */
  repeat?: boolean;
}

export interface Rehearsal {
  migrations: RehearsedMigration[];
  /** Why it ended early: a pending migration failed. The last entry of `migrations` is the one. */
  failure: MigratorError | undefined;
  /** The statement it failed at, when it was one. */
  failedSql?: string;
}

/** On a database nobody uses: nothing waits for locks, so a wait is a fault and short limits will do. */
const limits = { lockTimeoutMs: 5_000, statementBudgetMs: 60_000 };

/** Runs migrations on the shadow database, by the executor that runs them for real, and looks at each statement. */
export async function rehearse(options: RehearsalOptions, log: Log, signal: AbortSignal): Promise<Rehearsal> {
  const { url, schema, recordTable } = options;
  await loadParser();
  return withSession({ url, schema }, log, async (session) => {
    const tables = recordTables(schema, recordTable);
    const key = lockKey(tables);
    // Only what goes wrong is worth a line here: the plan says the rest.
    const quiet = log.child({ shadow: true }, log.isLevelEnabled("debug") ? {} : { level: "warn" });
    const execution: Execution = { session, tables, key, limits, lockBudgetMs: 0, log: quiet, signal };
    return withLock(session, { key, waitMs: 0, log: quiet, signal }, async () => {
      await resetSession(session, limits);
      await createRecordTables(session.sql, tables);
      await rebuild(execution, options.base);
      return tryOut(execution, options);
    });
  });
}

async function rebuild(execution: Execution, base: readonly LoadedMigration[]): Promise<void> {
  for (const migration of base) {
    try {
      await applyMigration(execution, migration);
    } catch (error) {
      if (!(error instanceof MigratorError)) throw error;
      throw new MigratorError(
        error.exitCode,
        `The shadow database could not be brought to where the migrations start: ${error.message}`,
        {
          next: "What a migration takes for granted (extensions, roles, objects made by hand) must be in the shadow database too: put extensions into the template1 of the server --shadow names.",
          facts: error.facts,
          cause: error,
        },
      );
    }
  }
}

async function tryOut(
  execution: Execution,
  { url, pending, repeat = false }: RehearsalOptions,
): Promise<Rehearsal> {
  const births: Births = new Map();
  const migrations: RehearsedMigration[] = [];
  for (const migration of pending) {
    const { statements, error, failedSql } = await observing(
      execution.session,
      { url, migration: migration.name, births, record: isRecord(execution.tables) },
      () => applyMigration(execution, migration),
    );
    const rehearsed: RehearsedMigration = { migration, statements };
    migrations.push(rehearsed);
    if (error instanceof MigratorError) {
      return { migrations, failure: error, ...(failedSql !== undefined && { failedSql }) };
    }
    if (error !== undefined) throw error;
    if (repeat && !migration.transactional) {
      const reason = await runAgain(execution, migration);
      if (reason !== undefined) rehearsed.notRepeatable = reason;
    }
  }
  return { migrations, failure: undefined };
}
