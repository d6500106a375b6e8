import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";

interface Ordered {
  name: string;
  timestamp: number;
  file: string;
}

/** Sorts by timestamp and refuses two migrations that claim the same place. */
export function inOrder<T extends Ordered>(migrations: readonly T[]): T[] {
  const sorted = [...migrations].sort((a, b) => a.timestamp - b.timestamp);
  sorted.forEach((migration, index) => {
    const previous = sorted[index - 1];
    if (previous?.timestamp !== migration.timestamp) return;
    const what = previous.name === migration.name ? `are both ${migration.name}` : "have the same timestamp";
    throw new MigratorError(
      ExitCode.RecordMismatch,
      `${previous.file} and ${migration.file} ${what}, so their order is not defined.`,
      {
        next: "Nothing was changed. Give one of them a later timestamp.",
        facts: { migration: migration.name },
      },
    );
  });
  return sorted;
}
