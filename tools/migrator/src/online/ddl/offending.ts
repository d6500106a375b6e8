import type { QueryRunner } from "typeorm";
import { select, type Table } from "./catalog.ts";
import { quote } from "./names.ts";

/** How many are counted: finding all of them would read as much as the statement that failed. */
const counted = 1_000;
const shown = 5;

/**
 * "3 rows (id 1, 2, 3)": how many rows meet the condition and the keys of the first few, never anything else of
 * them. Undefined when there are none. Takes no lock that anybody waits for.
 */
export async function offendingRows(
  runner: QueryRunner,
  table: Table,
  where: string,
): Promise<string | undefined> {
  const key = await primaryKey(runner, table);
  const parts = key.length > 0 ? key.map((name) => `${table.sql}.${quote(name)}::text`) : ["ctid::text"];
  // The condition is the migration's own, and so is the search_path.
  const rows: { key: string[] }[] = await runner.query(
    `SELECT ARRAY[${parts.join(", ")}] AS key FROM ${table.sql} WHERE ${where} LIMIT ${counted + 1}`,
  );
  if (rows.length === 0) return undefined;
  const number = rows.length > counted ? `more than ${counted}` : String(rows.length);
  const examples = rows.slice(0, shown).map(({ key }) => (key.length > 1 ? `(${key.join(", ")})` : key[0]));
  const names = key.length > 1 ? `(${key.join(", ")})` : (key[0] ?? "ctid");
  const more = rows.length > shown ? ", …" : "";
  return `${number} ${rows.length === 1 ? "row" : "rows"} (${names} ${examples.join(", ")}${more})`;
}

async function primaryKey(runner: QueryRunner, table: Table): Promise<string[]> {
  const [row] = await select<{ names: string[] }>(
    runner,
    `SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, place)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                   WHERE k.place <= i.indnkeyatts ORDER BY k.place) AS names
       FROM pg_index i WHERE i.indrelid = $1 AND i.indisprimary`,
    [table.oid],
  );
  return row?.names ?? [];
}

/** Rows that share their values with another row, for an index on plain columns or expressions. */
export function duplicates(
  table: Table,
  parts: readonly string[],
  options: { where?: string | undefined; nullsNotDistinct?: boolean | undefined },
): string {
  const conditions = [
    ...(options.where === undefined ? [] : [`(${options.where})`]),
    ...(options.nullsNotDistinct ? [] : parts.map((part) => `(${part}) IS NOT NULL`)),
  ];
  const only = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  const groups = `SELECT ctid, count(*) OVER (PARTITION BY ${parts.join(", ")}) AS n FROM ${table.sql}${only}`;
  return `${table.sql}.ctid IN (SELECT d.ctid FROM (${groups}) d WHERE d.n > 1)`;
}
