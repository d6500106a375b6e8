import { onOwnPath } from "../database/search-path.ts";
import type { Sql } from "../database/session.ts";
import type { Facts } from "../record/journal.ts";
import type { Effect } from "./effect.ts";
import { isAsWritten } from "./same-index.ts";

/** What the catalog says of a statement's objects before it runs. Its names are resolved. */
export function factsOf(effect: Effect | undefined): Facts {
  const none: Facts = { sql: () => "'{}'::jsonb", parameters: [] };
  switch (effect?.does) {
    case "create index":
      if (effect.name === undefined) return none;
      return {
        sql: (
          from,
        ) => `pg_catalog.jsonb_build_object('table', pg_catalog.to_regclass($${from + 1})::oid::int8, 'index', (SELECT c.oid::int8 FROM pg_catalog.pg_class c
          WHERE c.relname = $${from} AND c.relnamespace = (SELECT t.relnamespace FROM pg_catalog.pg_class t
                                                            WHERE t.oid = pg_catalog.to_regclass($${from + 1}))))`,
        parameters: [effect.name, effect.table],
      };
    case "drop":
      return {
        sql: (from) => `pg_catalog.jsonb_build_object('relations', (SELECT pg_catalog.jsonb_agg(
          pg_catalog.to_regclass(name)::oid::int8) FROM pg_catalog.unnest($${from}::text[]) AS name))`,
        parameters: [effect.relations],
      };
    case "rename":
      return {
        sql: (from) =>
          `pg_catalog.jsonb_build_object('relation', pg_catalog.to_regclass($${from})::oid::int8)`,
        parameters: [effect.relation],
      };
    case "make constraint":
      return {
        sql: (from) => `pg_catalog.jsonb_build_object('had', EXISTS (SELECT FROM pg_catalog.pg_constraint
          WHERE conrelid = pg_catalog.to_regclass($${from}) AND conname = $${from + 1}))`,
        parameters: [effect.table, effect.name],
      };
    case "detach":
      return {
        sql: (
          from,
        ) => `(SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('parent', inhparent::int8,
            'partition', inhrelid::int8))->0, '{}') FROM pg_catalog.pg_inherits
          WHERE inhparent = pg_catalog.to_regclass($${from}) AND inhrelid = pg_catalog.to_regclass($${from + 1}))`,
        parameters: [effect.parent, effect.partition],
      };
    case "add label":
      return {
        sql: (from) => `pg_catalog.jsonb_build_object('type', pg_catalog.to_regtype($${from})::oid::int8,
          'had', EXISTS (SELECT FROM pg_catalog.pg_enum
                          WHERE enumtypid = pg_catalog.to_regtype($${from}) AND enumlabel = $${from + 1}))`,
        parameters: [effect.type, effect.label],
      };
    case "rebuild":
    case undefined:
      return none;
  }
}

/** What is known of a statement that an earlier attempt has begun. */
export interface Earlier {
  /** Of {@link factsOf}, before it ran. */
  facts: Record<string, unknown>;
  /** It came to its end; later statements may have renamed or dropped what it made. */
  ended: boolean;
  /** Relations that a statement began to rename: one of them may have the name of one that was dropped. */
  renamed: unknown[];
}

/**
 * Whether the catalog shows that a statement, which an earlier attempt has begun, came to its end: what it makes was not
 * there before that attempt and is there now, as it is written, or what it takes away is gone.
 */
export async function hasHappened(
  sql: Sql,
  text: string,
  effect: Effect,
  { facts, ended, renamed }: Earlier,
): Promise<boolean> {
  const any = async (query: string, parameters: unknown[]) =>
    (await onOwnPath(sql, false, () => sql(query, parameters))).length > 0;
  const isThere = (oid: unknown) => any("SELECT 1 FROM pg_catalog.pg_class WHERE oid = $1::int8::oid", [oid]);
  switch (effect.does) {
    case "create index":
      if (ended && !(await isThere(facts.table))) return true;
      return isAsWritten(sql, text, effect, { before: facts.index, renamed: ended });
    case "drop": {
      const oids = Array.isArray(facts.relations) ? facts.relations : [null];
      if (oids.includes(null)) return false;
      // Another one that has the name now is to go as well.
      return !(await any(
        `SELECT 1 FROM pg_catalog.pg_class WHERE oid = ANY ($1::int8[]::oid[])
         UNION ALL SELECT 1 FROM pg_catalog.unnest($2::text[]) AS name
                    WHERE pg_catalog.to_regclass(name) IS NOT NULL AND pg_catalog.to_regclass(name)::oid <> ALL ($3::int8[]::oid[])`,
        [oids, effect.relations, renamed],
      ));
    }
    case "rename":
      return any("SELECT 1 FROM pg_catalog.pg_class WHERE oid = $1::int8::oid AND relname = $2", [
        facts.relation,
        effect.to,
      ]);
    case "make constraint":
      if (facts.had !== false) return false;
      return any(
        `SELECT 1 FROM pg_catalog.pg_constraint
          WHERE conrelid = pg_catalog.to_regclass($1) AND conname = $2 AND contype IN ('p', 'u')`,
        [effect.table, effect.name],
      );
    case "detach":
      if (facts.partition === undefined) return false;
      if (!(await isThere(facts.partition))) return ended;
      return !(await any(
        "SELECT 1 FROM pg_catalog.pg_inherits WHERE inhrelid = $1::int8::oid AND inhparent = $2::int8::oid",
        [facts.partition, facts.parent],
      ));
    case "add label":
      if (facts.had !== false) return false;
      return any("SELECT 1 FROM pg_catalog.pg_enum WHERE enumtypid = $1::int8::oid AND enumlabel = $2", [
        facts.type,
        effect.label,
      ]);
    case "rebuild":
      return false;
  }
}
