import type { QueryRunner } from "typeorm";
import { columnOf, existingColumn, tableOf } from "./ddl/catalog.ts";
import { isInStep, keepInStep, letGo, type RenameOptions } from "./ddl/in-step.ts";
import { quote } from "./ddl/names.ts";
import { addTwin } from "./ddl/renamed-column.ts";
import { briefly } from "./ddl/step.ts";
import { together } from "./ddl/together.ts";

export type { RenameOptions } from "./ddl/in-step.ts";

/**
 * First step of renaming a column (expand): adds `to` beside `from` and a trigger that keeps both in step, whichever a
 * writer knows. Both take a strong lock for a moment and read nothing; inside or outside a transaction; safe to repeat.
 *
 * Then `batched(runner, copyColumnBackfill(…))` (backfill) fills the old rows; the release whose code uses the new
 * name comes after that; and `dropOldColumn` (contract) once no older release is left. `to` gets no default
 * before then, and an index, constraint or grant on `from` is not copied: add it to `to` in between.
 * `down`: {@link dropColumnCopy}.
 */
export async function addColumnCopy(runner: QueryRunner, rename: RenameOptions): Promise<void> {
  const table = await tableOf(runner, rename);
  await addTwin(runner, table, await existingColumn(runner, table, rename.from), rename.to);
  await keepInStep(runner, table, rename);
}

/**
 * Takes `addColumnCopy` back: trigger and new column go together. ACCESS EXCLUSIVE for a moment; reads nothing.
 * Nothing is lost, because `from` holds the same. Safe to repeat.
 */
export async function dropColumnCopy(runner: QueryRunner, rename: RenameOptions): Promise<void> {
  const table = await tableOf(runner, rename);
  await existingColumn(runner, table, rename.from);
  const gone = (await columnOf(runner, table, rename.to)) === undefined;
  if (gone && !(await isInStep(runner, table, rename))) return;
  await together(runner, async () => {
    await letGo(runner, table, rename);
    await briefly(runner, {
      sql: `ALTER TABLE ${table.sql} DROP COLUMN IF EXISTS ${quote(rename.to)}`,
      does: `dropping ${rename.to} of ${table.label}: the catalog alone changes`,
      lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
    });
  });
}
