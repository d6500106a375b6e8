import { quote } from "../online/ddl/names.ts";
import { fill, fillMigration } from "./backfill.ts";
import type { Column } from "./column.ts";
import { call, code, type Skeleton } from "./skeleton.ts";

/** Expand, and for a column that is to be NOT NULL also backfill and contract. */
export function addColumn(name: string, column: Column): Skeleton[] {
  const expand = addNullable(name, column);
  return column.notNull
    ? [expand, fillMigration(`${name}Backfill`, column), requireIt(name, column)]
    : [expand];
}

function addNullable(name: string, column: Column): Skeleton {
  const { label, sqlTable, type } = column;
  return {
    name,
    phase: "expand",
    transaction: true,
    why: [
      `Expand: ${label} gets ${column.name}. Nullable and without a default, so no row is rewritten: ACCESS EXCLUSIVE,`,
      "for a moment. The release that is running does not know the column and goes on as before.",
    ],
    imports: [],
    up: [`await runner.query(${code(`ALTER TABLE ${sqlTable} ADD COLUMN ${quote(column.name)} ${type}`)});`],
    down: [
      "// What was written to the column is lost.",
      `await runner.query(${code(`ALTER TABLE ${sqlTable} DROP COLUMN ${quote(column.name)}`)});`,
    ],
  };
}

function requireIt(name: string, column: Column): Skeleton {
  const target = names(column);
  return {
    name: `${name}NotNull`,
    phase: "contract",
    transaction: false,
    why: [
      `Contract: no release that leaves ${column.name} empty is alive any more. A last sweep over what they wrote, then`,
      "NOT NULL, proven while readers and writers go on. Outside a transaction, so that no step's lock is held during",
      "the next; each can be repeated.",
    ],
    imports: ["batched", "dropNotNull", "setNotNull"],
    up: [...fill(column), ...call("setNotNull", target)],
    down: call("dropNotNull", target),
  };
}

/** The column as the online helpers take it. */
export const names = ({ schema, table, name }: Column): Record<string, string> => ({
  ...(schema !== undefined && { schema }),
  table,
  column: name,
});
