import type { KeyColumn, Target } from "./target.ts";

/** The values of a key, one a column, as text: every type comes back from it unchanged. */
export type KeyValue = readonly string[];

/** Rows with a key after the one and up to the other; without a bound, from the first or to the last. */
export interface Range {
  after?: KeyValue | undefined;
  upTo?: KeyValue | undefined;
}

export interface Statement {
  sql: string;
  parameters: unknown[];
}

/** What is to be changed, as the migration wrote it. */
export interface Change {
  set: string;
  where: string;
}

/** The key of the last row. Rows that come after it during a pass belong to the next one. */
export function lastKey({ table, key }: Target): string {
  return `SELECT ${key.map(({ name }, i) => `${name}::text AS k${i}`).join(", ")} FROM ${table}
 ORDER BY ${key.map(({ name }) => `${table}.${name} DESC`).join(", ")} LIMIT 1`;
}

/** The key of the row so many rows further, if there are as many; read from the index alone where that is possible. */
export function keyAfter({ table, key }: Target, range: Range, rows: number): Statement {
  const { condition, parameters } = within(key, range);
  const columns = key.map(({ name }, i) => `${name} AS k${i}`);
  return {
    // Cast outside: inside, a text of the same name could be what is sorted by.
    sql: `SELECT ${key.map((_, i) => `k${i}::text`).join(", ")} FROM (
  SELECT ${columns.join(", ")} FROM ${table} WHERE ${condition} ORDER BY ${places(key)} OFFSET ${rows - 1} LIMIT 1) AS last`,
    parameters,
  };
}

/** How many rows of a range there are, or match. */
export function countRows({ table, key }: Target, range: Range, where = "true"): Statement {
  const { condition, parameters } = within(key, range);
  return {
    sql: `SELECT count(*)::int AS rows FROM ${table} WHERE ${condition} AND (${where}\n)`,
    parameters,
  };
}

/** The key of the last of the next so many rows, how many these are, and how many of them match. */
export function nextMatching({ table, key }: Target, range: Range, where: string, limit: number): Statement {
  const { condition, parameters } = within(key, range);
  const columns = key.map(({ name }, i) => `${name} AS k${i}`);
  return {
    sql: `SELECT ${key.map((_, i) => `k${i}::text`).join(", ")}, count(*) OVER ()::int AS rows,
       count(*) FILTER (WHERE matching) OVER ()::int AS matching
  FROM (SELECT ${columns.join(", ")}, (${where}\n) AS matching FROM ${table} WHERE ${condition}
         ORDER BY ${places(key)} LIMIT ${limit}) AS next
 ORDER BY ${key.map((_, i) => `next.k${i} DESC`).join(", ")} LIMIT 1`,
    parameters,
  };
}

/** Locks a row of a range that matches, and waits for it if need be. */
export function lockRow({ table, key }: Target, range: Range, where: string): Statement {
  const { condition, parameters } = within(key, range);
  return {
    sql: `SELECT FROM ${table} WHERE ${condition} AND (${where}\n) LIMIT 1 FOR NO KEY UPDATE`,
    parameters,
  };
}

/**
 * Changes the rows of a range that match. Each is locked and looked at again before it is changed, so what the
 * application changed meanwhile stays. A row that another session holds is passed over: a batch that waited for it would
 * keep its other rows locked as long.
 * `unchanged` counts the changed rows that match even now.
 */
export function changeRows(target: Target, range: Range, change: Change, limit: number): Statement {
  const { table, key, divided } = target;
  const { condition, parameters } = within(key, range);
  const names = key.map(({ name }) => name).join(", ");
  // By their place on disk, since a locked row cannot move before the statement ends: no second search by the key.
  const [found, chosen] = divided
    ? [names, `(${names}) ${operator(key, "=")} ANY (SELECT * FROM ${locked}) AND (${change.where}\n)`]
    : ["ctid", `ctid = ANY (ARRAY(SELECT * FROM ${locked}))`];
  return {
    sql: `WITH ${locked} AS MATERIALIZED (
  SELECT ${found} FROM ${table} WHERE ${condition} AND (${change.where}
  ) LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
), changed AS (
  UPDATE ${table} SET ${change.set}
   WHERE ${chosen}
  RETURNING (${change.where}
  ) AS matching
)
SELECT count(*)::int AS changed, count(*) FILTER (WHERE matching)::int AS unchanged FROM changed`,
    parameters,
  };
}

const places = (key: readonly KeyColumn[]) => key.map((_, i) => i + 1).join(", ");

/** A name that hides no table of the migration's own SQL. */
const locked = '"rows of this batch"';

/** "id after 1000 up to 2000", for people. */
export function describeRange({ key }: Target, { after, upTo }: Range): string {
  const names = key.map(({ name }) => name).join(", ");
  const from = after === undefined ? "" : ` after ${after.join(", ")}`;
  return `${names}${from}${upTo === undefined ? "" : ` up to ${upTo.join(", ")}`}`;
}

/**
 * The index's own operator: another that fits as well may lie in the migration's search_path, by which the rest of the
 * statement is read. One name serves a whole row, so columns whose types come from several schemas go without.
 */
function operator(key: readonly KeyColumn[], sign: string): string {
  const [schema, ...others] = new Set(key.map(({ operators }) => operators));
  return schema === undefined || others.length > 0
    ? sign
    : `OPERATOR("${schema.replaceAll('"', '""')}".${sign})`;
}

function within(key: readonly KeyColumn[], { after, upTo }: Range) {
  const parameters: unknown[] = [];
  const value = (type: string, text: string | undefined) => `$${parameters.push(text)}::${type}`;
  const row = (items: string[]) => (items.length === 1 ? items.join() : `(${items.join(", ")})`);
  const compare = (sign: string, bound: KeyValue) =>
    `${row(key.map(({ name }) => name))} ${operator(key, sign)} ${row(key.map(({ type }, i) => value(type, bound[i])))}`;
  const conditions = [after && compare(">", after), upTo && compare("<=", upTo)].filter(Boolean);
  return { condition: conditions.join(" AND ") || "true", parameters };
}
