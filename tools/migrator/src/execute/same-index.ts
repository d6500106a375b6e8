import { onOwnPath } from "../database/search-path.ts";
import type { Sql } from "../database/session.ts";
import { shapeSql } from "../online/ddl/index-state.ts";
import { quote } from "../record/tables.ts";
import { scan } from "../sql/parser.ts";
import type { Effect } from "./effect.ts";

type NewIndex = Extract<Effect, { does: "create index" }>;

interface Found {
  oid: number;
  named: boolean;
  table: string;
  /** Of the table. */
  name: string;
  shape: string;
}

/**
 * Whether a whole index of that name is there, other than the one with the number `before`, and just as the text says;
 * where it may have been `renamed` since, under whichever name.
 */
export async function isAsWritten(
  sql: Sql,
  text: string,
  index: NewIndex,
  { before, renamed }: { before: unknown; renamed: boolean },
): Promise<boolean> {
  if (index.name === undefined) return false;
  const found = await onOwnPath(sql, false, () =>
    sql<Found>(
      `SELECT i.indexrelid::int8::float8 AS oid, c.relname = $1 AS named, t.relname AS name,
            pg_catalog.format('%I.%I', n.nspname, t.relname) AS "table", ${shapeSql("n.nspname")} AS shape
       FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
       JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      WHERE i.indrelid = pg_catalog.to_regclass($2) AND i.indisunique = $3
        AND i.indisvalid AND i.indisready AND i.indislive`,
      [index.name, index.table, index.unique],
    ),
  );
  const named = found.filter((one) => one.named);
  const candidates = (named.length > 0 || !renamed ? named : found).filter(({ oid }) => oid !== before);
  const [one] = candidates;
  if (one === undefined) return false;
  const shape = await shapeAsWritten(sql, text, index, one);
  return candidates.some((candidate) => candidate.shape === shape);
}

/** What PostgreSQL prints of the same index on an empty copy of the table: it writes expressions its own way. */
async function shapeAsWritten(
  sql: Sql,
  text: string,
  index: NewIndex,
  { table, name }: Pick<Found, "table" | "name">,
): Promise<string | undefined> {
  const rest = afterName(text, index.at);
  if (rest === undefined) return undefined;
  const copy = `pg_temp.${quote(name)}`;
  await sql("BEGIN");
  try {
    // The same name, so that expressions which name the table find it.
    await sql(`CREATE TEMPORARY TABLE ${quote(name)} (LIKE ${table})`);
    await sql(`CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${quote(index.name ?? "")} ON ${copy} ${rest}`);
    const [made] = await onOwnPath(sql, true, () =>
      sql<{ shape: string }>(
        `SELECT ${shapeSql("'pg_temp'")} AS shape
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
         JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
        WHERE c.relname = $1 AND c.relnamespace = pg_catalog.pg_my_temp_schema()`,
        [index.name],
      ),
    );
    return made?.shape;
  } finally {
    await sql("ROLLBACK");
  }
}

/** What follows the name, `a`, `"a"` or `a.b`, that begins at a place of a text. */
function afterName(text: string, at: number): string | undefined {
  const tokens = scan(text) ?? [];
  let last = tokens.findIndex(({ start }) => start === at);
  if (last < 0) return undefined;
  const bytes = Buffer.from(text);
  const isDot = (index: number) => bytes.toString("utf8", tokens[index]?.start, tokens[index]?.end) === ".";
  while (tokens[last + 1] !== undefined && isDot(last + 1)) last += 2;
  return bytes.toString("utf8", tokens[last]?.end);
}
