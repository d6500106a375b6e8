import type { QueryRunner } from "typeorm";
import { createIndex } from "./create-index.ts";
import { constraintOf, printed, tableOf } from "./ddl/catalog.ts";
import { uniqueName } from "./ddl/index-definition.ts";
import { quote, type TableName } from "./ddl/names.ts";
import { differs, dropConstraint } from "./ddl/proven.ts";
import { briefly, outsideTransaction, say } from "./ddl/step.ts";

export interface UniqueOptions extends TableName {
  columns: readonly string[];
  /** Two NULLs count as the same. */
  nullsNotDistinct?: boolean | undefined;
  /** Default: as PostgreSQL would choose, `categories_slug_key`. */
  name?: string | undefined;
}

/**
 * Adds a UNIQUE constraint while the service runs.
 *
 * 1. `CREATE UNIQUE INDEX CONCURRENTLY`: SHARE UPDATE EXCLUSIVE as long as reading the table takes; others go on.
 * 2. `ADD CONSTRAINT … UNIQUE USING INDEX`: ACCESS EXCLUSIVE, for a moment; nothing is read.
 *
 * Needs `transaction = false`; safe to repeat: an invalid index is built again, a finished one is used.
 * Rows that share their values are counted and named, and no index is left. `down`: {@link dropUniqueConstraint}.
 */
export async function addUniqueConstraint(runner: QueryRunner, options: UniqueOptions): Promise<void> {
  outsideTransaction(runner, "addUniqueConstraint", "CONCURRENTLY waits for other transactions to end");
  const { columns, nullsNotDistinct } = options;
  const table = await tableOf(runner, options);
  const name = uniqueName(options);
  const existing = await constraintOf(runner, table, name);
  if (existing !== undefined) {
    const wanted = `UNIQUE ${nullsNotDistinct ? "NULLS NOT DISTINCT " : ""}(${await printed(runner, columns)})`;
    if (existing.definition !== wanted) throw differs(table, name, existing.definition, wanted);
    return void say(runner, table, `the constraint ${name} is there; nothing to do`);
  }
  await createIndex(runner, { ...options, unique: true, name });
  await briefly(runner, {
    sql: `ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(name)} UNIQUE USING INDEX ${quote(name)}`,
    does: `the index ${name} becomes a constraint of ${table.label}: it is proven, nothing is read`,
    lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
  });
}

/** Drops a UNIQUE constraint with its index. ACCESS EXCLUSIVE for a moment; also inside a transaction. */
export async function dropUniqueConstraint(
  runner: QueryRunner,
  options: Pick<UniqueOptions, "schema" | "table" | "columns" | "name">,
): Promise<void> {
  await dropConstraint(runner, await tableOf(runner, options), uniqueName(options));
}
