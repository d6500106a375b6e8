import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { quote } from "../online/ddl/names.ts";

export interface ColumnFlags {
  table?: string | undefined;
  column?: string | undefined;
  /** SQL type of the column. */
  type?: string | undefined;
  /** SQL expression that old rows get. */
  fill?: string | undefined;
  notNull?: boolean | undefined;
}

/** The column a skeleton is about, with names that no database has where a flag was not given. */
export interface Column {
  schema: string | undefined;
  table: string;
  name: string;
  type: string;
  fill: string;
  notNull: boolean;
  /** What the author has to replace. */
  placeholders: string[];
  /** The table as SQL. */
  sqlTable: string;
  /** The table as a person says it. */
  label: string;
}

export function columnOf(flags: ColumnFlags): Column {
  const [table, schema] = split(flags.table ?? "table_name");
  const name = flags.column ?? "column_name";
  if (name === "") throw new MigratorError(ExitCode.Usage, "--column is empty.");
  return {
    schema,
    table,
    name,
    type: flags.type ?? "text",
    fill: flags.fill ?? "fill_expression",
    notNull: flags.notNull ?? false,
    placeholders: [
      flags.table === undefined ? "table_name" : "",
      flags.column === undefined ? "column_name" : "",
    ].filter((text) => text !== ""),
    sqlTable: [schema, table].flatMap((part) => (part === undefined ? [] : [quote(part)])).join("."),
    label: schema === undefined ? table : `${schema}.${table}`,
  };
}

/** `posts`, or `blog.posts`. */
function split(text: string): [table: string, schema?: string] {
  const parts = text.split(".");
  const [first = "", second] = parts;
  if (parts.length > 2 || parts.includes("")) {
    throw new MigratorError(ExitCode.Usage, `--table ${JSON.stringify(text)} names no table.`, {
      next: "Write it as posts or as blog.posts, without quotes, upper and lower case as in the database.",
    });
  }
  return second === undefined ? [first] : [second, first];
}
