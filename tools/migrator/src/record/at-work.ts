import type { LockHolder } from "../database/lock.ts";
import type { MigrationRecord } from "./read.ts";

/**
 * The record and who migrates, such that what is unfinished with nobody at work was interrupted. The two are read one
 * after the other: a migrator that ended in between left a record that still calls its work unfinished, and no lock. So
 * a record like that is read again, until one that was read before a look at the lock is still the same after it.
 */
export async function readWithHolder(
  read: () => Promise<MigrationRecord>,
  holder: () => Promise<LockHolder | undefined>,
): Promise<{ record: MigrationRecord; lock: LockHolder | undefined }> {
  let record = await read();
  for (;;) {
    const lock = await holder();
    if (lock !== undefined || record.unfinished.length === 0) return { record, lock };
    const again = await read();
    if (begun(again) === begun(record)) return { record: again, lock };
    record = again;
  }
}

const begun = ({ unfinished }: MigrationRecord) =>
  JSON.stringify(unfinished.map(({ name, direction, startedAt }) => [name, direction, startedAt]));
