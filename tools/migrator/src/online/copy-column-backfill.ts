import type { RenameOptions } from "./ddl/in-step.ts";
import { quote } from "./ddl/names.ts";

/**
 * What `batched` needs to fill the new column of `addColumnCopy` in the rows that were there before it:
 * `await batched(runner, copyColumnBackfill({ table: "posts", from: "body", to: "content" }))`.
 * Later rows are kept in step by the trigger, so a new column that is filled is right.
 */
export function copyColumnBackfill({ schema, table, from, to }: RenameOptions): {
  table: string;
  set: string;
  where: string;
} {
  return {
    table: schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`,
    set: `${quote(to)} = ${quote(from)}`,
    where: `${quote(to)} IS NULL AND ${quote(from)} IS NOT NULL`,
  };
}
