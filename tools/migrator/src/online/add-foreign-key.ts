import type { QueryRunner } from "typeorm";
import { equalities, select, type Table, tableOf } from "./ddl/catalog.ts";
import { chosenName, quote, quoteAll, type TableName } from "./ddl/names.ts";
import { addProven, dropConstraint } from "./ddl/proven.ts";
import { outsideTransaction } from "./ddl/step.ts";

export type ReferentialAction = "NO ACTION" | "RESTRICT" | "CASCADE" | "SET NULL" | "SET DEFAULT";

export interface ForeignKeyOptions extends TableName {
  /** The referencing columns, in the order of those they point to. */
  columns: readonly string[];
  references: TableName & { columns: readonly string[] };
  onDelete?: ReferentialAction | undefined;
  onUpdate?: ReferentialAction | undefined;
  /** Default: as PostgreSQL would choose, `posts_category_id_fkey`. */
  name?: string | undefined;
}

/**
 * Adds a foreign key while the service runs.
 *
 * 1. `ADD CONSTRAINT … NOT VALID`: SHARE ROW EXCLUSIVE on both tables (writers wait, readers do not), for a moment.
 * 2. `VALIDATE CONSTRAINT`: SHARE UPDATE EXCLUSIVE on the table and ROW SHARE on the other, as long as reading the
 *    rows takes; readers and writers go on.
 *
 * Needs `transaction = false`; safe to repeat. Rows that point to nothing are counted and named, and no key is left.
 * An index on the referencing columns is the author's: without one, each delete in the other table reads this one.
 * `down`: {@link dropForeignKey} with the same options.
 */
export async function addForeignKey(runner: QueryRunner, options: ForeignKeyOptions): Promise<void> {
  outsideTransaction(runner, "addForeignKey", "its short lock would be held while the rows are read");
  const { columns, references } = options;
  if (columns.length === 0 || columns.length !== references.columns.length) {
    throw new Error("addForeignKey needs as many columns as references.columns, at least one");
  }
  const table = await tableOf(runner, options);
  const target = await tableOf(runner, references);
  const actions = actionsOf(options);
  await addProven(runner, {
    table,
    name: nameOf(options),
    definition: `FOREIGN KEY (${quoteAll(columns)}) REFERENCES ${target.sql} (${quoteAll(references.columns)})${actions}`,
    printed: () => printedKey(runner, columns, target, references.columns, actions),
    lock: `SHARE ROW EXCLUSIVE on ${table.label} and ${target.label}, for a moment`,
    provingLock: `SHARE UPDATE EXCLUSIVE on ${table.label}, ROW SHARE on ${target.label}`,
    offending: await orphans(runner, { table, columns, target, targetColumns: references.columns }),
    violation: `without a match in ${target.label}`,
  });
}

/**
 * Drops a foreign key that `addForeignKey` added with the same options. ACCESS EXCLUSIVE on both tables, for a moment;
 * reads nothing; also inside a transaction.
 */
export async function dropForeignKey(
  runner: QueryRunner,
  options: Pick<ForeignKeyOptions, "schema" | "table" | "columns" | "name">,
): Promise<void> {
  await dropConstraint(runner, await tableOf(runner, options), nameOf(options));
}

const nameOf = ({ name, table, columns }: Pick<ForeignKeyOptions, "table" | "columns" | "name">) =>
  chosenName(name, [table, ...columns], "fkey");

/** In the order the server prints them, which leaves the default out. */
const actionsOf = ({ onUpdate, onDelete }: ForeignKeyOptions) =>
  [
    onUpdate !== undefined && onUpdate !== "NO ACTION" && ` ON UPDATE ${onUpdate}`,
    onDelete !== undefined && onDelete !== "NO ACTION" && ` ON DELETE ${onDelete}`,
  ]
    .filter((action) => action !== false)
    .join("");

async function printedKey(
  runner: QueryRunner,
  columns: readonly string[],
  target: Table,
  targetColumns: readonly string[],
  actions: string,
): Promise<string> {
  const names = (parameter: string) =>
    `(SELECT string_agg(quote_ident(name), ', ' ORDER BY place) FROM unnest(${parameter}::text[]) WITH ORDINALITY u (name, place))`;
  const [row] = await select<{ text: string }>(
    runner,
    `SELECT format('FOREIGN KEY (%s) REFERENCES %s(%s)%s', ${names("$1")}, $2::oid::regclass, ${names("$3")}, $4::text) AS text`,
    [columns, target.oid, targetColumns, actions],
  );
  return row?.text ?? "";
}

async function orphans(
  runner: QueryRunner,
  {
    table,
    columns,
    target,
    targetColumns,
  }: { table: Table; columns: readonly string[]; target: Table; targetColumns: readonly string[] },
): Promise<string> {
  const equal = await equalities(runner, target, targetColumns);
  const own = columns.map((column) => `${table.sql}.${quote(column)}`);
  const pairs = own.map(
    (column, index) => `r.${quote(targetColumns[index] ?? "")} ${equal[index] ?? "="} ${column}`,
  );
  const set = own.map((column) => `${column} IS NOT NULL`);
  return `${set.join(" AND ")} AND NOT EXISTS (SELECT FROM ${target.sql} r WHERE ${pairs.join(" AND ")})`;
}
