import type { QueryRunner } from "typeorm";
import { onOwnPath } from "../../database/search-path.ts";
import { quote, type TableName } from "./names.ts";

export interface Table {
  oid: number;
  schema: string;
  name: string;
  partitioned: boolean;
  /** Quoted and qualified, so that no later search_path changes what is meant. */
  sql: string;
  /** As a person would write it. */
  label: string;
}

export interface Column {
  name: string;
  /** With its modifiers: `character varying(80)`. */
  type: string;
  collation: string | null;
  notNull: boolean;
  /** The default's SQL. */
  fallback: string | null;
  /** Its values are made by PostgreSQL: `generated` or `identity`. */
  made: "generated" | "identity" | null;
}

export interface Constraint {
  name: string;
  validated: boolean;
  /** As the server prints it, without NOT VALID. */
  definition: string;
}

/** Rows of a look at the catalog: with our own search_path, so that all names in it are PostgreSQL's. */
export const select = <Row extends object>(
  runner: QueryRunner,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> =>
  onOwnPath(
    (text, values) => runner.query(text, values && [...values]),
    runner.isTransactionActive,
    () => runner.query(sql, parameters),
  );

export async function tableOf(runner: QueryRunner, { schema, table }: TableName): Promise<Table> {
  const written = schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`;
  // By the migration's search_path.
  const [named] = await runner.query("SELECT pg_catalog.to_regclass($1)::pg_catalog.oid AS oid", [written]);
  const [found] = await select<{ oid: number; schema: string; name: string; kind: string; label: string }>(
    runner,
    `SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, format('%I.%I', n.nspname, c.relname) AS label
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1`,
    [named?.oid],
  );
  if (found === undefined) {
    const where = schema === undefined ? "in search_path" : `in the schema ${schema}`;
    throw new Error(`there is no table ${table} ${where} (names are taken as they are, case included)`);
  }
  if (found.kind !== "r" && found.kind !== "p") throw new Error(`${found.label} is not a table`);
  const { oid, name, label } = found;
  return {
    oid,
    schema: found.schema,
    name,
    partitioned: found.kind === "p",
    sql: `${quote(found.schema)}.${quote(name)}`,
    label,
  };
}

export async function columnOf(runner: QueryRunner, table: Table, name: string): Promise<Column | undefined> {
  const [column] = await select<Column>(
    runner,
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
            CASE WHEN a.attcollation <> t.typcollation THEN format('%I.%I', cn.nspname, co.collname) END AS collation,
            CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS fallback,
            CASE WHEN a.attgenerated <> '' THEN 'generated' WHEN a.attidentity <> '' THEN 'identity' END AS made
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
      WHERE a.attrelid = $1 AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped`,
    [table.oid, name],
  );
  return column;
}

export async function existingColumn(runner: QueryRunner, table: Table, name: string): Promise<Column> {
  const column = await columnOf(runner, table, name);
  if (column === undefined) throw new Error(`${table.label} has no column ${name}`);
  return column;
}

export async function constraintOf(
  runner: QueryRunner,
  table: Table,
  name: string,
): Promise<Constraint | undefined> {
  const [constraint] = await select<Constraint>(
    runner,
    `SELECT conname AS name, convalidated AS validated,
            regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '') AS definition
       FROM pg_constraint WHERE conrelid = $1 AND conname = $2`,
    [table.oid, name],
  );
  return constraint;
}

/** Names as the server prints them in a definition: quoted only where they must be. */
export async function printed(runner: QueryRunner, names: readonly string[]): Promise<string> {
  const [row] = await select<{ text: string }>(
    runner,
    "SELECT string_agg(quote_ident(name), ', ' ORDER BY place) AS text FROM unnest($1::text[]) WITH ORDINALITY u (name, place)",
    [names],
  );
  return row?.text ?? "";
}

/**
 * For each column the operator by which its type is equal, with its schema: another one that fits as well may lie in the
 * migration's search_path. A type without one of its own (varchar, an enum) has PostgreSQL's.
 */
export async function equalities(
  runner: QueryRunner,
  table: Table,
  columns: readonly string[],
): Promise<string[]> {
  const rows = await select<{ operator: string }>(
    runner,
    `SELECT format('OPERATOR(%I.=)', coalesce((
              SELECT n.nspname
                FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
                JOIN pg_amop p ON p.amopfamily = c.opcfamily AND p.amoplefttype = c.opcintype
                 AND p.amoprighttype = c.opcintype AND p.amopstrategy = 3
                JOIN pg_operator o ON o.oid = p.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace
               WHERE c.opcdefault AND c.opcintype = coalesce(nullif(t.typbasetype, 0), t.oid) AND o.oprname = '='
            ), 'pg_catalog')) AS operator
       FROM unnest($2::name[]) WITH ORDINALITY u (name, place)
       LEFT JOIN pg_attribute a ON a.attrelid = $1 AND a.attname = u.name
       LEFT JOIN pg_type t ON t.oid = a.atttypid
      ORDER BY u.place`,
    [table.oid, columns],
  );
  return rows.map(({ operator }) => operator);
}
