import type { QueryRunner } from "typeorm";
import { existingColumn, printed, select, type Table, tableOf } from "./ddl/catalog.ts";
import { derivedName, quote, type TableName } from "./ddl/names.ts";
import { offendingRows } from "./ddl/offending.ts";
import { addProven, dropConstraint } from "./ddl/proven.ts";
import { briefly, outsideTransaction, patiently, say } from "./ddl/step.ts";

export interface NotNullOptions extends TableName {
  column: string;
}

/**
 * Makes a column NOT NULL while the service runs. `SET NOT NULL` alone reads the whole table under ACCESS EXCLUSIVE.
 *
 * 1. `ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID`: ACCESS EXCLUSIVE, for a moment.
 * 2. `VALIDATE CONSTRAINT`: SHARE UPDATE EXCLUSIVE as long as reading the rows takes; readers and writers go on.
 * 3. `SET NOT NULL`: ACCESS EXCLUSIVE, for a moment: the proven check shows that there is nothing to read.
 * 4. `DROP CONSTRAINT` of the check: ACCESS EXCLUSIVE, for a moment. A statement of its own: together with 3 the
 *    check would be dropped first and prove nothing.
 *
 * PostgreSQL 18 could add a NOT NULL NOT VALID instead. The check works on 15 to 18 alike and ends in the same
 * catalog; one way that is tested everywhere is worth more than a statement saved. One that is there is validated.
 *
 * Needs `transaction = false`; safe to repeat. Rows with NULL are counted and named, and nothing is left.
 * A contract step: from 1 on no older release may write NULL. `down`: {@link dropNotNull}.
 */
export async function setNotNull(runner: QueryRunner, options: NotNullOptions): Promise<void> {
  outsideTransaction(runner, "setNotNull", "its short lock would be held while the rows are read");
  const table = await tableOf(runner, options);
  const column = await existingColumn(runner, table, options.column);
  const check = checkName(table, column.name);
  if (!column.notNull) {
    await proveByCheck(runner, table, column.name, check);
    await briefly(runner, {
      sql: `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(column.name)} SET NOT NULL`,
      does: `${table.label}.${column.name} becomes NOT NULL: the proven check saves reading the rows`,
      lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
    });
  } else {
    await validateUnproven(runner, table, column.name);
    say(runner, table, `${column.name} is NOT NULL`);
  }
  await dropConstraint(runner, table, check);
}

/**
 * Lets a column hold NULL again. ACCESS EXCLUSIVE for a moment; reads nothing; also inside a transaction; safe to
 * repeat. Takes what an interrupted `setNotNull` left behind with it.
 */
export async function dropNotNull(runner: QueryRunner, options: NotNullOptions): Promise<void> {
  const table = await tableOf(runner, options);
  const column = await existingColumn(runner, table, options.column);
  const check = checkName(table, column.name);
  await dropConstraint(runner, table, check);
  if (!column.notNull) return;
  await briefly(runner, {
    sql: `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(column.name)} DROP NOT NULL`,
    does: `${table.label}.${column.name} may be NULL again: the catalog alone changes`,
    lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
  });
}

const checkName = (table: Table, column: string) => derivedName([table.name, column], "not_null_check");

async function proveByCheck(runner: QueryRunner, table: Table, column: string, name: string): Promise<void> {
  await addProven(runner, {
    table,
    name,
    definition: `CHECK (${quote(column)} IS NOT NULL)`,
    printed: async () => `CHECK ((${await printed(runner, [column])} IS NOT NULL))`,
    lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
    provingLock: `SHARE UPDATE EXCLUSIVE on ${table.label}`,
    offending: `${quote(column)} IS NULL`,
    violation: `without ${column}`,
  });
}

/** PostgreSQL 18 knows columns that are NOT NULL for new rows only, and marks them like the others. */
async function validateUnproven(runner: QueryRunner, table: Table, column: string): Promise<void> {
  const [unproven] = await select<{ name: string }>(
    runner,
    `SELECT conname AS name FROM pg_constraint
      WHERE conrelid = $1 AND contype = 'n' AND NOT convalidated
        AND conkey = ARRAY(SELECT attnum FROM pg_attribute WHERE attrelid = $1 AND attname = $2)`,
    [table.oid, column],
  );
  if (unproven === undefined) return;
  const rows = await offendingRows(runner, table, `${quote(column)} IS NULL`);
  if (rows !== undefined) {
    throw new Error(
      `${unproven.name} cannot be proven on ${table.label}: ${rows} without ${column}. It stays, NOT VALID, and binds new rows. Repair the rows, then run again`,
    );
  }
  await patiently(runner, {
    sql: `ALTER TABLE ${table.sql} VALIDATE CONSTRAINT ${quote(unproven.name)}`,
    does: `proving ${unproven.name}, which binds new rows only: the old ones are read while others go on`,
    lock: `SHARE UPDATE EXCLUSIVE on ${table.label}`,
  });
}
