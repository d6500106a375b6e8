import type { Session } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import type { RecordTables } from "../record/tables.ts";
import {
  type AliveSession,
  type Audience,
  describeSessions,
  releaseSessions,
  type Scope,
} from "./sessions.ts";
import { oidsOf, touched } from "./writers.ts";

/** Somebody of no known level came while a contract was at work; nothing of it is kept. */
export class CameMeanwhile extends MigratorError {
  readonly alive: AliveSession[];

  constructor(migration: string, alive: AliveSession[]) {
    super(
      ExitCode.ContractGateClosed,
      `While ${migration} was at work there came ${describeSessions(alive)}.`,
      {
        next: "Nothing was kept. Run again once they are gone.",
        facts: { migration, alive },
      },
    );
    this.alive = alive;
  }
}

/**
 * The last look, from a second session: the catalog as it was before the contract, and no lock that this one holds is
 * waited for. Those who name a level are left to the floor: it is proposed, and they read it once they are connected.
 */
export async function refuseNewcomers(
  session: Session,
  migration: LoadedMigration,
  { audience, scope }: { audience: Audience; scope: Scope },
): Promise<void> {
  const alive = await session.beside((sql) => releaseSessions(sql, audience, scope));
  const unknown = alive.filter(({ level }) => level === undefined);
  if (unknown.length > 0) throw new CameMeanwhile(migration.name, unknown);
}

/** `touches` is believed, so what it leaves out must not be changed. Call it in the contract's transaction. */
export async function refuseUndeclared(
  session: Session,
  { name, touches }: LoadedMigration,
  tables: RecordTables,
): Promise<void> {
  if (touches === undefined) return;
  const { migrations, detail, floor, backfill, unfinished } = tables;
  const found = await session.beside(async (sql) =>
    sql<{ label: string }>(
      `WITH RECURSIVE ${touched}
       SELECT DISTINCT c.oid::regclass::text AS label
         FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = $2 AND l.mode IN ('RowExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
          AND c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
          AND $1::oid[] IS NOT NULL AND c.oid NOT IN (SELECT oid FROM touched)
          AND c.oid NOT IN (SELECT to_regclass(n)::oid FROM unnest($3::text[]) AS n WHERE to_regclass(n) IS NOT NULL)
        ORDER BY 1`,
      [await oidsOf(sql, touches), session.pid, [migrations, detail, floor, backfill, unfinished]],
    ),
  );
  if (found.length === 0) return;
  const labels = found.map(({ label }) => label);
  throw new MigratorError(
    ExitCode.MigrationFailed,
    `${name} changes ${labels.join(", ")}, which its touches does not name: nobody asked who writes there.`,
    {
      next: "Nothing was kept. Add the names to touches, or leave it out.",
      facts: { migration: name, labels },
    },
  );
}
