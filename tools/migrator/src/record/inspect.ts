import type { Session } from "../database/session.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { type Assessment, assess } from "./assess.ts";
import { missingGrants } from "./grants.ts";
import { type MigrationRecord, readRecord } from "./read.ts";
import type { RecordTables } from "./tables.ts";

export interface Inspection {
  record: MigrationRecord;
  assessment: Assessment;
}

/** Reads the record and compares it with our migrations; throws where nothing may run. */
export async function inspect(
  session: Session,
  tables: RecordTables,
  local: readonly LoadedMigration[],
): Promise<Inspection> {
  const record = await readRecord(session, tables, local);
  const assessment = assess(local, record, tables);
  const [problem] = assessment.problems;
  if (problem !== undefined) throw problem;
  return { record, assessment };
}

/** Whether the record is as we would leave it. */
export async function inGoodOrder(
  { sql }: Session,
  tables: RecordTables,
  { record, assessment }: Inspection,
  readers: readonly string[],
): Promise<boolean> {
  return (
    record.complete &&
    assessment.unadopted.length === 0 &&
    (await missingGrants(sql, tables, readers)).length === 0
  );
}
