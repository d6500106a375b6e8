import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { DatabaseObject } from "../shadow/contents.ts";
import type { Occupied } from "./occupied.ts";
import { mostRows, type RecordLike } from "./record-like.ts";
import { defaultRecordTable, type RecordTables } from "./tables.ts";

/**
 * Nothing is recorded where we look, and the schemas are not empty: a record we were not told of, a schema that was made
 * without one, or somebody else's. Taking it for a new database would run the whole history once more.
 */
export function notFound(
  { recordIsThere, objects, records }: Occupied,
  tables: Pick<RecordTables, "schema" | "table">,
): MigratorError {
  const at = `${tables.schema}.${tables.table}`;
  const where = recordIsThere
    ? `${at} is there and records no migration`
    : `There is no record of migrations at ${at}`;
  const schemas = [...Map.groupBy(objects, ({ schema }) => schema ?? "")];
  return new MigratorError(
    ExitCode.RecordMismatch,
    `${where}, but the database is not empty: ${schemas.map(holds).join("; ")}. Nothing was touched. ${lookAlikes(records)}`,
    {
      next: wayOn(records, tables),
      facts: {
        record: at,
        schemas: Object.fromEntries(schemas.map(([schema, of]) => [schema, of.length])),
        records,
      },
    },
  );
}

/** "the schema public has 3 tables and 1 view (posts, …)" */
function holds([schema, objects]: [string, DatabaseObject[]]): string {
  const kinds = [...Map.groupBy(objects, ({ type }) => type)].map(
    ([type, of]) => `${of.length} ${of.length === 1 ? type : plural(type)}`,
  );
  const names = objects.slice(0, 5).map(({ name, identity }) => name ?? identity);
  const more = objects.length > names.length ? ", …" : "";
  return `the schema ${schema} has ${kinds.join(", ")} (${names.join(", ")}${more})`;
}

const plural = (type: string) => (type.endsWith("y") ? `${type.slice(0, -1)}ies` : `${type}s`);

/** Every table that may be the record. */
export function lookAlikes(records: readonly RecordLike[]): string {
  if (records.length === 0) return "No table looks like a record of another name.";
  const one = ({ schema, table, tool, rows, known }: RecordLike) => {
    const facts = [tool, rowsOf(rows), known !== undefined && `${known} of these migrations`];
    return `${schema}.${table} (${facts.filter(Boolean).join(", ")})`;
  };
  return `Tables that look like a record: ${records.map(one).join("; ")}.`;
}

function rowsOf(rows: number | undefined): string {
  if (rows === undefined) return "not readable to this role";
  return rows > mostRows ? `more than ${mostRows} rows` : `${rows} row${rows === 1 ? "" : "s"}`;
}

/** The record that names most of these migrations. */
export const likeliest = (records: readonly RecordLike[]): RecordLike | undefined =>
  records.filter(({ known }) => known).sort((a, b) => (b.known ?? 0) - (a.known ?? 0))[0];

/** The arguments that name a table as the record. */
export function naming(
  { schema, table }: Pick<RecordLike, "schema" | "table">,
  current: { schema: string; table: string },
): string {
  return [
    ...(schema === current.schema ? [] : [`--record-schema ${shell(schema)}`]),
    ...(table === current.table ? [] : [`--record-table ${shell(table)}`]),
  ].join(" ");
}

function wayOn(records: readonly RecordLike[], tables: { schema: string; table: string }): string {
  const found = likeliest(records);
  const name = (one: RecordLike) => naming(one, { schema: tables.schema, table: defaultRecordTable });
  if (found !== undefined)
    return `Name the record to every command, the gate and the chart: ${name(found)} (RECORD_SCHEMA, RECORD_TABLE). What the schema has and that record lacks, migrator baseline records there.`;
  const typeorms = records.filter(({ tool, rows }) => tool === "TypeORM" && rows !== 0);
  return [
    ...(typeorms.length > 0
      ? [`Where one of these is the record, name it: ${typeorms.map(name).join(", or ")}.`]
      : []),
    "Where the schema has these migrations already: migrator baseline, with --to NAME where it has only the first of them (--dry-run shows it).",
    "Where what is there is not from them, and all of them are to run: migrator baseline --none.",
  ].join(" ");
}

const shell = (text: string) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
