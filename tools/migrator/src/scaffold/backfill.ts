import { quote } from "../online/ddl/names.ts";
import type { Column } from "./column.ts";
import { call, type Skeleton } from "./skeleton.ts";

export const backfill = (name: string, column: Column): Skeleton[] => [fillMigration(name, column)];

export function fillMigration(name: string, column: Column): Skeleton {
  return {
    name,
    phase: "backfill",
    transaction: false,
    why: [
      `Backfill: the rows of ${column.label} that have no ${column.name} get one, in batches that commit one by one while old and`,
      "new code write. A row that the application fills meanwhile no longer meets the condition and is left alone. An",
      "interrupted run goes on where it stopped.",
    ],
    imports: ["batched"],
    up: fill(column),
    down: ["// Which rows had none is not known any more, and every release can read one."],
  };
}

/** The sweep itself; the condition must become false by what is set. */
export const fill = ({ sqlTable, name, fill }: Column): string[] =>
  call("batched", {
    table: sqlTable,
    set: `${quote(name)} = ${fill}`,
    where: `${quote(name)} IS NULL`,
  });
