import type { QueryRunner } from "typeorm";
import { columnOf, existingColumn, tableOf } from "./ddl/catalog.ts";
import { isInStep, keepInStep, letGo, type RenameOptions } from "./ddl/in-step.ts";
import { quote } from "./ddl/names.ts";
import { offendingRows } from "./ddl/offending.ts";
import { addTwin, goingWith, moveDefault } from "./ddl/renamed-column.ts";
import { briefly, say } from "./ddl/step.ts";
import { together } from "./ddl/together.ts";

/**
 * Last step of renaming a column (contract): trigger and old column go in one transaction, and the new column takes
 * over the default. Before it takes any lock it looks for rows that were never copied, and refuses when there are any.
 * ACCESS EXCLUSIVE for a moment, nothing is rewritten; inside or outside a transaction; safe to repeat.
 *
 * No release that uses `from` may be left. Indexes and constraints on `from` go with it, and the log names them; a view on it is refused by
 * PostgreSQL. When `from` was NOT NULL, call `setNotNull` for `to` in a migration before. `down`: {@link restoreOldColumn}.
 */
export async function dropOldColumn(runner: QueryRunner, rename: RenameOptions): Promise<void> {
  const table = await tableOf(runner, rename);
  const { from, to } = rename;
  const target = await existingColumn(runner, table, to);
  const old = await columnOf(runner, table, from);
  if (old === undefined) return void say(runner, table, `${from} is gone; nothing to do`);
  if (!(await isInStep(runner, table, rename))) {
    throw new Error(
      `${from} and ${to} of ${table.label} are not kept in step: addColumnCopy and its backfill come first`,
    );
  }
  if (old.notNull && !target.notNull) {
    throw new Error(
      `${table.label}.${from} is NOT NULL and ${to} is not yet: call setNotNull for ${to} in a migration before this one`,
    );
  }
  const left = await offendingRows(runner, table, `${quote(to)} IS NULL AND ${quote(from)} IS NOT NULL`);
  if (left !== undefined) {
    throw new Error(
      `${to} of ${table.label} is not filled yet: ${left} with ${from} alone. Run the backfill (copyColumnBackfill) first. Nothing was changed`,
    );
  }
  const more = await goingWith(runner, table, from);
  if (more.length > 0) say(runner, table, `with ${from} goes what rests on it: ${more.join(", ")}`);
  await together(runner, async () => {
    await moveDefault(runner, table, old, to);
    await letGo(runner, table, rename);
    await briefly(runner, {
      sql: `ALTER TABLE ${table.sql} DROP COLUMN ${quote(from)}`,
      does: `dropping ${from} of ${table.label}: the catalog alone changes, ${to} holds the same`,
      lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
    });
  });
}

/**
 * Takes `dropOldColumn` back: the old column is there again, kept in step with the new one. Old rows are filled by
 * `batched(runner, copyColumnBackfill({ table, from: to, to: from }))`. Locks as for `addColumnCopy`. Safe to repeat.
 */
export async function restoreOldColumn(runner: QueryRunner, rename: RenameOptions): Promise<void> {
  const table = await tableOf(runner, rename);
  const { from, to } = rename;
  const source = await existingColumn(runner, table, to);
  await together(runner, async () => {
    if ((await columnOf(runner, table, from)) === undefined) {
      await addTwin(runner, table, source, from);
      await moveDefault(runner, table, source, from);
    }
    await keepInStep(runner, table, rename);
  });
}
