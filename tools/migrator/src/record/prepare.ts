import type { Session } from "../database/session.ts";
import type { Log } from "../log.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { settleFloor } from "./floor.ts";
import { missingGrants } from "./grants.ts";
import { inspect } from "./inspect.ts";
import { createRecordTables, type RecordTables } from "./tables.ts";
import { adopt } from "./write.ts";

/**
 * Puts the record in good order, in one transaction: its tables, what TypeORM's CLI applied, the floor, and who may
 * touch it. Only for who holds the lock. Returns the names that were taken over.
 */
export async function prepare(
  session: Session,
  tables: RecordTables,
  options: { local: readonly LoadedMigration[]; readers: readonly string[]; log: Log },
): Promise<string[]> {
  const { runner, sql } = session;
  const { local, readers, log } = options;
  await runner.startTransaction();
  try {
    const { record, assessment } = await inspect(session, tables, local);
    if (!record.complete) await createRecordTables(sql, tables);
    await adopt(sql, tables, assessment.unadopted);
    const withdrawn = await settleFloor(sql, tables);
    const statements = await missingGrants(sql, tables, readers);
    for (const statement of statements) await sql(statement);
    await runner.commitTransaction();
    if (withdrawn !== undefined) sayWithdrawn(log, withdrawn);
    if (statements.length > 0) log.info({ statements }, "corrected who may touch the record");
    return assessment.unadopted.map(({ name }) => name);
  } catch (error) {
    if (session.lost() === undefined) await runner.rollbackTransaction();
    throw error;
  }
}

export const sayWithdrawn = (log: Log, contract: string) =>
  log.warn({ contract }, "cleared the floor of a contract that is not applied");
