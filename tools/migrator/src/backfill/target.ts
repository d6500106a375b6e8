import { onOwnPath } from "../database/search-path.ts";
import type { Query } from "./query.ts";

export interface KeyColumn {
  /** Quoted. */
  name: string;
  /** As SQL writes it, to cast a value back that was kept as text. */
  type: string;
  /** Schema of the operators by which the key's index is ordered. */
  operators: string;
}

/** A table and the key its rows are visited by. */
export interface Target {
  /** As the migration wrote it. */
  table: string;
  key: KeyColumn[];
  /** Several heaps under one name (partitions, inheritance): a row's ctid alone does not tell which one it is in. */
  divided: boolean;
}

export interface UniqueIndex {
  name: string;
  primary: boolean;
  columns: (KeyColumn & { plainName: string })[];
  /** Why its order cannot be walked; null when it can. */
  unfit: string | null;
}

/** Looks the table up and chooses the key. */
export async function findTarget(query: Query, table: string, key?: readonly string[]): Promise<Target> {
  // By the migration's search_path; what follows is asked with our own.
  const [named] = await query<{ oid: number | null }>(
    "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid AS oid",
    [table],
  );
  const oid = named?.oid ?? null;
  const [[found], indexes] = await onOwnPath(query, false, async () => [
    await query<{ kind: string; divided: boolean; filtered: boolean }>(
      `SELECT c.relkind AS kind, c.relhassubclass OR c.relkind = 'p' AS divided, row_security_active(c.oid) AS filtered
         FROM pg_class c WHERE c.oid = $1`,
      [oid],
    ),
    await uniqueIndexes(query, oid),
  ]);
  if (found === undefined) throw new Error(`there is no table ${table}`);
  if (!["r", "p"].includes(found.kind)) throw new Error(`${table} is no table, so it cannot be backfilled`);
  if (found.filtered) {
    throw new Error(
      `row-level security hides rows of ${table} from this role, so a backfill would leave them out; run it as a role with BYPASSRLS, or take the table's FORCE ROW LEVEL SECURITY away for as long`,
    );
  }
  const columns = chooseKey(table, indexes, key);
  return {
    table,
    key: columns.map(({ name, type, operators }) => ({ name, type, operators })),
    divided: found.divided,
  };
}

/** The index to walk: the primary key, or the one on exactly the columns asked for. */
export function chooseKey(
  table: string,
  indexes: readonly UniqueIndex[],
  wanted?: readonly string[],
): UniqueIndex["columns"] {
  const matching = indexes.filter(({ primary, columns }) =>
    wanted === undefined ? primary : sameNames(columns, wanted),
  );
  const fit = matching.find(({ unfit }) => unfit === null);
  if (fit !== undefined) return fit.columns;
  const asked = wanted === undefined ? "a primary key" : `a unique index on (${wanted.join(", ")})`;
  const [unfit] = matching;
  const why = unfit === undefined ? `${table} has no ${asked.slice(2)}` : `${unfit.name} ${unfit.unfit}`;
  const others = indexes.filter((index) => index.unfit === null).map(describe);
  throw new Error(
    `${why}; a backfill needs ${asked} without conditions, expressions or nullable columns.${
      others.length > 0 ? ` Name one of these as key: ${others.join(", ")}` : ""
    }`,
  );
}

const sameNames = (columns: UniqueIndex["columns"], wanted: readonly string[]) =>
  columns.length === wanted.length && columns.every(({ plainName }) => wanted.includes(plainName));

const describe = ({ columns }: UniqueIndex) =>
  `[${columns.map(({ plainName }) => JSON.stringify(plainName)).join(", ")}]`;

/**
 * Every unique index with what speaks against it. A NOT NULL that was never validated (PostgreSQL 18) promises nothing,
 * and an index of another collation or operator class is not in the order that > compares by.
 */
async function uniqueIndexes(query: Query, table: number | null): Promise<UniqueIndex[]> {
  return query<UniqueIndex>(
    `SELECT i.indexrelid::regclass::text AS name, i.indisprimary AS "primary",
            coalesce(k.columns, '[]') AS columns,
            CASE WHEN NOT i.indisvalid THEN 'is not valid'
                 WHEN i.indpred IS NOT NULL THEN 'is partial, so it does not hold every row'
                 WHEN i.indexprs IS NOT NULL THEN 'is on an expression'
                 WHEN k.nullable IS NOT NULL THEN 'holds NULLs: ' || k.nullable || ' is not NOT NULL'
                 WHEN k.other_order THEN 'has a collation or operator class of its own'
             END AS unfit
       FROM pg_index i
      CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('name', quote_ident(a.attname), 'plainName', a.attname,
                                          'type', format_type(a.atttypid, a.atttypmod),
                                          'operators', (
                 SELECT n.nspname FROM pg_amop w JOIN pg_operator c ON c.oid = w.amopopr
                   JOIN pg_namespace n ON n.oid = c.oprnamespace
                  WHERE w.amopfamily = o.opcfamily AND w.amoplefttype = o.opcintype
                    AND w.amoprighttype = o.opcintype AND w.amopstrategy = 5)) ORDER BY p.place) AS columns,
               min(a.attname) FILTER (WHERE NOT a.attnotnull OR EXISTS (
                 SELECT FROM pg_constraint n WHERE n.conrelid = i.indrelid AND n.contype = 'n'
                    AND n.conkey = ARRAY[a.attnum] AND NOT n.convalidated)) AS nullable,
               bool_or(NOT o.opcdefault OR i.indcollation[p.place - 1] <> a.attcollation) AS other_order
          FROM generate_series(1, i.indnkeyatts) AS p (place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.place - 1]
          JOIN pg_opclass o ON o.oid = i.indclass[p.place - 1]) k
      WHERE i.indrelid = $1 AND i.indisunique
      ORDER BY i.indisprimary DESC, 1`,
    [table],
  );
}
