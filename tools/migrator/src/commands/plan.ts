import { type ConnectOptions, lookMs, withSession } from "../database/session.ts";
import { onRecord } from "../execute/insist.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { LoadedMigration, Phase } from "../migrations/types.ts";
import { assess } from "../record/assess.ts";
import { readRecord } from "../record/read.ts";
import { recordTables } from "../record/tables.ts";
import { failedOnShadow } from "../shadow/connect.ts";
import { withShadow } from "../shadow/open.ts";
import { rehearse } from "../shadow/rehearse.ts";
import { readSurroundings } from "../shadow/surroundings.ts";
import type { ObservedStatement, RehearsedMigration } from "../shadow/types.ts";

export interface PlanOptions extends ConnectOptions {
  migrations: string;
  phase: Phase | "all";
  /** URL of the shadow database's server; without it a PostgreSQL is started. */
  shadow: string | undefined;
}

export interface PlannedMigration {
  name: string;
  file: string;
  phase: Phase;
  transactional: boolean;
  /** Of a contract: no process of a release below this level may be alive. */
  needs: string | undefined;
  statements: ObservedStatement[];
}

export interface PlanResult {
  /** Where it was tried out; undefined when there was nothing to try. */
  shadow: string | undefined;
  /** How many migrations the database has already. */
  applied: number;
  pending: PlannedMigration[];
}

/** Shows what `up` would do, statement by statement, by doing it in a shadow database. The real one is only read. */
export async function plan(options: PlanOptions, log: Log, signal: AbortSignal): Promise<PlanResult> {
  const local = await readMigrations(options.migrations);
  const { applied, pending, surroundings } = await readDatabase(options, local, log, signal);
  const chosen = pending.filter(({ phase }) => options.phase === "all" || phase === options.phase);
  const last = chosen.at(-1);
  if (last === undefined) return { shadow: undefined, applied: applied.length, pending: [] };
  const rehearsal = await withShadow(options.shadow, surroundings, async ({ url, description }) => ({
    description,
    ...(await rehearse(
      {
        url,
        schema: surroundings.schema,
        recordTable: options.recordTable,
        base: applied,
        // Those of other phases in between run as well: what follows may build on them.
        pending: pending.filter(({ timestamp }) => timestamp <= last.timestamp),
      },
      log,
      signal,
    )),
  }));
  const { failure } = rehearsal;
  if (failure !== undefined) throw signal.aborted ? failure : failedOnShadow(failure);
  const shown = rehearsal.migrations.filter(({ migration }) => chosen.includes(migration));
  return { shadow: rehearsal.description, applied: applied.length, pending: shown.map(planned) };
}

async function readDatabase(options: PlanOptions, local: LoadedMigration[], log: Log, signal: AbortSignal) {
  return withSession(options, log, async (session) => {
    await session.sql("SET default_transaction_read_only = on");
    const tables = recordTables(session.schema, options.recordTable);
    const looking = { session, limits: { lockTimeoutMs: lookMs }, lockBudgetMs: 0, log, signal };
    const record = await onRecord(looking, () => readRecord(session, tables, local));
    const { problems, pending } = assess(local, record, tables);
    const [problem] = problems;
    if (problem !== undefined) throw problem;
    const applied = local.filter((migration) => !pending.includes(migration));
    return { applied, pending, surroundings: await readSurroundings(session) };
  });
}

const planned = ({ migration, statements }: RehearsedMigration): PlannedMigration => ({
  name: migration.name,
  file: migration.file,
  phase: migration.phase,
  transactional: migration.transactional,
  needs: migration.needs === undefined ? undefined : String(migration.needs),
  statements,
});
