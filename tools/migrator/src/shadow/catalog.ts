import type { Sql } from "../database/session.ts";
import type { RelationKind } from "./types.ts";

export interface Relation {
  oid: number;
  name: string;
  kind: RelationKind;
  filenode: number;
  /** Of an index: its table. */
  table: number | null;
  unique: boolean;
  ofConstraint: boolean;
  /** Of an index: the columns it needs to find a row; 0 stands for an expression. */
  keys: number[];
}

export interface Column {
  table: number;
  number: number;
  name: string;
  type: string;
  notNull: boolean;
  hasDefault: boolean;
}

export interface Constraint {
  oid: number;
  table: number;
  name: string;
  type: string;
  validated: boolean;
  definition: string;
  columns: number[];
}

/** Routines and types that are no table's. */
export interface Named {
  oid: number;
  name: string;
  kind: "routine" | "type";
}

export interface Catalog {
  relations: Map<number, Relation>;
  columns: Map<string, Column>;
  constraints: Map<number, Constraint>;
  named: Map<number, Named>;
}

export const columnKey = ({ table, number }: Pick<Column, "table" | "number">) => `${table}.${number}`;

/** Everything that is not PostgreSQL's own, as the asking session sees it in its transaction. */
export async function readCatalog(sql: Sql): Promise<Catalog> {
  const [row] = await sql<{
    relations: Relation[] | null;
    columns: Column[] | null;
    constraints: Constraint[] | null;
    named: Named[] | null;
  }>(query);
  const { relations, columns, constraints, named } = row ?? {};
  return {
    relations: new Map((relations ?? []).map((relation) => [relation.oid, relation])),
    columns: new Map((columns ?? []).map((column) => [columnKey(column), column])),
    constraints: new Map((constraints ?? []).map((constraint) => [constraint.oid, constraint])),
    named: new Map((named ?? []).map((one) => [one.oid, one])),
  };
}

const ours = "(SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')";

const query = `
WITH relation AS (
  SELECT c.oid::int8, c.oid::regclass::text AS name, c.relfilenode::int8 AS filenode, i.indrelid::int8 AS "table",
         CASE c.relkind WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view'
              WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type'
              ELSE 'table' END AS kind,
         coalesce(i.indisunique, false) AS "unique",
         EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = c.oid AND o.contype IN ('p', 'u', 'x')) AS "ofConstraint",
         coalesce((i.indkey::int2[])[0 : i.indnkeyatts - 1], '{}') AS keys
    FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
   WHERE c.relnamespace IN ${ours}
)
SELECT (SELECT json_agg(r) FROM relation r) AS relations,
       (SELECT json_agg(json_build_object('table', a.attrelid::int8, 'number', a.attnum, 'name', a.attname,
                 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull, 'hasDefault', a.atthasdef OR a.attidentity <> ''))
          FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid
         WHERE a.attnum > 0 AND NOT a.attisdropped AND r.kind NOT IN ('index', 'sequence')) AS columns,
       (SELECT json_agg(json_build_object('oid', o.oid::int8, 'table', o.conrelid::int8, 'name', o.conname, 'type', o.contype,
                 'validated', o.convalidated, 'definition', pg_get_constraintdef(o.oid), 'columns', coalesce(o.conkey, '{}')))
          FROM pg_constraint o JOIN relation r ON r.oid = o.conrelid) AS constraints,
       (SELECT json_agg(n) FROM (
          SELECT p.oid::int8, p.oid::regprocedure::text AS name, 'routine' AS kind FROM pg_proc p WHERE p.pronamespace IN ${ours}
          UNION ALL
          SELECT t.oid::int8, t.oid::regtype::text, 'type' FROM pg_type t
           WHERE t.typnamespace IN ${ours} AND t.typtype IN ('e', 'd', 'r')) n) AS named`;
