import type { QueryRunner } from "typeorm";
import { constraintOf, select, tableOf } from "./ddl/catalog.ts";
import { onEmptyCopy } from "./ddl/empty-copy.ts";
import { chosenName, quote, type TableName } from "./ddl/names.ts";
import { addProven, dropConstraint } from "./ddl/proven.ts";
import { outsideTransaction } from "./ddl/step.ts";

export interface CheckOptions extends TableName {
  name: string;
  /** The condition, as SQL: `length(title) <= 200`. */
  check: string;
}

/**
 * Adds a CHECK while the service runs.
 *
 * 1. `ADD CONSTRAINT … NOT VALID`: ACCESS EXCLUSIVE, for a moment.
 * 2. `VALIDATE CONSTRAINT`: SHARE UPDATE EXCLUSIVE as long as reading the rows takes; readers and writers go on.
 *
 * Needs `transaction = false`; safe to repeat. Rows that fail it are counted and named, and no check is left.
 * New rows are bound at once, so in an expand step the older release must satisfy it already.
 * `down`: {@link dropCheckConstraint}.
 */
export async function addCheckConstraint(runner: QueryRunner, options: CheckOptions): Promise<void> {
  outsideTransaction(runner, "addCheckConstraint", "its short lock would be held while the rows are read");
  const table = await tableOf(runner, options);
  const name = chosenName(options.name, [], "check");
  const definition = `CHECK (${options.check})`;
  await addProven(runner, {
    table,
    name,
    definition,
    printed: () =>
      onEmptyCopy(runner, table, async (copy) => {
        await runner.query(`ALTER TABLE ${copy} ADD CONSTRAINT ${quote(name)} ${definition}`);
        const [row] = await select<{ oid: number }>(runner, "SELECT to_regclass($1)::oid AS oid", [copy]);
        const made = await constraintOf(runner, { ...table, oid: row?.oid ?? 0 }, name);
        return made?.definition ?? "";
      }),
    lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
    provingLock: `SHARE UPDATE EXCLUSIVE on ${table.label}`,
    offending: `NOT (${options.check})`,
    violation: `where ${options.check} is false`,
  });
}

/** Drops a check. ACCESS EXCLUSIVE for a moment; reads nothing; also inside a transaction. */
export async function dropCheckConstraint(
  runner: QueryRunner,
  options: Pick<CheckOptions, "schema" | "table" | "name">,
): Promise<void> {
  await dropConstraint(runner, await tableOf(runner, options), chosenName(options.name, [], "check"));
}
