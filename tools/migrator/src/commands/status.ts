import { type LockHolder, lockHolder, lockKey } from "../database/lock.ts";
import { type ConnectOptions, withSession } from "../database/session.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { Phase } from "../migrations/types.ts";
import { type GateState, previewGates } from "../phases/preview.ts";
import { assess } from "../record/assess.ts";
import { type BackfillProgress, readBackfills } from "../record/backfills.ts";
import { type Floor, readRecord } from "../record/read.ts";
import { recordTables } from "../record/tables.ts";

export interface MigrationStatus {
  name: string;
  timestamp: number;
  /** `newer`: applied by a release we do not know. */
  state: "applied" | "pending" | "newer" | "unknown";
  phase: Phase | undefined;
  appliedAt: string | undefined;
  durationMs: number | undefined;
}

export interface StatusResult {
  schema: string;
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
  options: ConnectOptions & { migrations: string; reader?: string | undefined },
  log: Log,
): Promise<StatusResult> {
  const local = await readMigrations(options.migrations);
  return withSession(options, log, async ({ sql, schema }) => {
    const tables = recordTables(schema);
    const record = await readRecord(sql, tables);
    const { problems, newer, pending: waiting } = assess(local, record, tables);
    const { gate, problem } = await previewGates(sql, options.reader, {
      local,
      pending: waiting,
      fresh: record.applied.length === 0,
    });
    const phaseOf = new Map(local.map((migration) => [migration.name, migration.phase]));
    const rows = record.applied.map(({ checksum: _, ...row }): MigrationStatus => {
      const unknown = newer.some(({ name }) => name === row.name) ? "newer" : "unknown";
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
    return {
      schema,
      level: String(local.at(-1)?.timestamp),
      migrations: [...rows, ...pending].sort((a, b) => a.timestamp - b.timestamp),
      floor: record.floor,
      gate,
      backfills: record.complete ? await readBackfills(sql, tables) : [],
      lock: await lockHolder(sql, lockKey(tables)),
      problems: [...problems, ...(problem ? [problem] : [])].map(({ exitCode, message, next }) => ({
        exitCode,
        message,
        next,
      })),
    };
  });
}
