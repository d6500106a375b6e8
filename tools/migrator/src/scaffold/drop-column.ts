import { quote } from "../online/ddl/names.ts";
import { names } from "./add-column.ts";
import type { Column } from "./column.ts";
import { call, code, type Skeleton } from "./skeleton.ts";

/** Contract, and for a column that is NOT NULL first an expand step, so that new code need not write it. */
export const dropColumn = (name: string, column: Column): Skeleton[] =>
  column.notNull ? [allowNull(name, column), drop(name, column)] : [drop(name, column)];

function allowNull(name: string, column: Column): Skeleton {
  return {
    name: `${name}AllowNull`,
    phase: "expand",
    transaction: true,
    why: [
      `Expand: ${column.label}.${column.name} may be NULL, because the new code does not write it any more and inserts rows while the`,
      "column is still there. ACCESS EXCLUSIVE, for a moment.",
    ],
    imports: ["dropNotNull"],
    up: call("dropNotNull", names(column)),
    down: [
      "// Rows without a value may be there by now. Fill them and call setNotNull if an older release needs it.",
    ],
  };
}

function drop(name: string, column: Column): Skeleton {
  const { label, sqlTable, type } = column;
  return {
    name,
    phase: "contract",
    transaction: true,
    why: [
      `Contract: ${label} loses ${column.name}. What must be true before:`,
      "- The release that brings this migration neither reads nor writes the column, also not by SELECT * or an entity.",
      "- No older release is alive. `up --phase contract` waits for that, and older ones are refused from then on.",
      "- No view or function rests on it; those make DROP COLUMN fail. Its indexes and constraints go with it.",
      "ACCESS EXCLUSIVE, for a moment: only the catalog changes. The data cannot be brought back.",
    ],
    imports: [],
    up: [`await runner.query(${code(`ALTER TABLE ${sqlTable} DROP COLUMN ${quote(column.name)}`)});`],
    down: [
      "// The column comes back empty.",
      `await runner.query(${code(`ALTER TABLE ${sqlTable} ADD COLUMN ${quote(column.name)} ${type}`)});`,
    ],
  };
}
