import { type LockHolder, lockHolder, lockKey } from "../database/lock.ts";
import { type ConnectOptions, lookMs, withSession } from "../database/session.ts";
import { onRecord } from "../execute/insist.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { Phase } from "../migrations/types.ts";
import { type GateState, previewGates } from "../phases/preview.ts";
import { chosen } from "../phases/schedule.ts";
import type { Audience } from "../phases/sessions.ts";
import { assess } from "../record/assess.ts";
import { readWithHolder } from "../record/at-work.ts";
import { type BackfillProgress, readBackfills } from "../record/backfills.ts";
import { deniedBeforehand } from "../record/denied.ts";
import { type Floor, readRecord } from "../record/read.ts";
import { recordTables } from "../record/tables.ts";
import { revertedHalfWay, type Unfinished } from "../record/unfinished.ts";

export interface MigrationStatus {
  name: string;
  timestamp: number;
  /** `newer`: applied by a release we do not know. */
  /** `unfinished`: it runs outside a transaction, has begun, and its end is not recorded. */
  /** `history`: recorded, without a file since a baseline said that these migrations make its change. */
  state: "applied" | "pending" | "unfinished" | "newer" | "unknown" | "history";
  /** What began, and when. */
  unfinished?: Pick<Unfinished, "direction" | "startedAt">;
  phase: Phase | undefined;
  appliedAt: string | undefined;
  durationMs: number | undefined;
}

export interface StatusResult {
  /** Of the record. */
  schema: string;
  recordTable: string;
  /** Timestamp of the last migration of this release. */
  level: string;
  migrations: MigrationStatus[];
  floor: Floor | undefined;
  /** Of the next contract that is pending. */
  gate: GateState | undefined;
  backfills: BackfillProgress[];
  /** The session that migrates right now. */
  lock: LockHolder | undefined;
  /** Why `up` would refuse to run. */
  problems: { exitCode: ExitCode; message: string; next: string | undefined }[];
}

/** Compares folder and database; writes nothing and takes no lock. */
export async function status(
  options: ConnectOptions & { migrations: string; audience: Audience },
  log: Log,
): Promise<StatusResult> {
  const local = await readMigrations(options.migrations);
  // No signal reaches us: the first one ends the process.
  const { signal } = new AbortController();
  return withSession(options, log, async (session) => {
    const { sql, schema } = session;
    const tables = recordTables(schema, options.recordTable);
    const looking = { session, limits: { lockTimeoutMs: lookMs }, lockBudgetMs: 0, log, signal };
    const { record, lock } = await readWithHolder(
      () => onRecord(looking, () => readRecord(session, tables, local)),
      () => lockHolder(sql, lockKey(tables)),
    );
    const { problems, newer, pending: waiting, unadopted } = assess(local, record, tables);
    const { gate, problem } = await previewGates(sql, options.audience, {
      local,
      pending: waiting,
      fresh: record.fresh,
    });
    const phaseOf = new Map(local.map((migration) => [migration.name, migration.phase]));
    const rows = record.applied.map(({ checksum: _, history, ...row }): MigrationStatus => {
      const isNewer = newer.some(({ name }) => name === row.name);
      const unknown = history ? "history" : isNewer ? "newer" : "unknown";
      return { ...row, phase: phaseOf.get(row.name), state: phaseOf.has(row.name) ? "applied" : unknown };
    });
    const pending = waiting.map(
      ({ name, timestamp, phase }): MigrationStatus => ({
        name,
        timestamp,
        phase,
        state: "pending",
        appliedAt: undefined,
        durationMs: undefined,
      }),
    );
    // With the lock held it is being reverted this moment, and `up` would wait.
    const half = lock === undefined ? revertedHalfWay(local, record.unfinished) : undefined;
    // Nobody is asked what he may do where nothing may be done.
    const refused = [...problems, half, problem].some((one) => one !== undefined);
    const steps = chosen(waiting, { phase: "expand", goal: Number.POSITIVE_INFINITY, fresh: record.fresh });
    const denied = refused
      ? undefined
      : await deniedBeforehand(session, tables, {
          complete: record.complete,
          writes:
            unadopted.length + steps.length > 0 && !(gate?.open === false && steps[0]?.phase === "contract"),
          readers: options.audience.readers,
        });
    return {
      schema,
      recordTable: tables.table,
      level: String(local.at(-1)?.timestamp),
      migrations: withUnfinished([...rows, ...pending], record.unfinished, phaseOf).sort(
        (a, b) => a.timestamp - b.timestamp,
      ),
      floor: record.floor,
      gate,
      backfills: record.complete ? await readBackfills(sql, tables) : [],
      lock,
      problems: [...problems, half, problem, denied]
        .filter((one) => one !== undefined)
        .map(({ exitCode, message, next }) => ({
          exitCode,
          message,
          next,
        })),
    };
  });
}

/** Also those that no release we know has, and nothing has recorded. */
function withUnfinished(
  migrations: MigrationStatus[],
  unfinished: readonly Unfinished[],
  phaseOf: ReadonlyMap<string, Phase>,
): MigrationStatus[] {
  const begun = new Map(unfinished.map((one) => [one.name, one]));
  const of = ({ direction, startedAt }: Unfinished) =>
    ({ state: "unfinished", unfinished: { direction, startedAt } }) as const;
  const known = migrations.map((migration) => {
    const one = begun.get(migration.name);
    begun.delete(migration.name);
    return one === undefined ? migration : { ...migration, ...of(one) };
  });
  const others = [...begun.values()].map((one) => ({
    name: one.name,
    timestamp: one.timestamp,
    phase: phaseOf.get(one.name),
    appliedAt: undefined,
    durationMs: undefined,
    ...of(one),
  }));
  return [...known, ...others];
}
