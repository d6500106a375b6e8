import type { Sql } from "../database/session.ts";
import type { Facts } from "../record/journal.ts";
import { isAsWritten } from "./same-index.ts";
import type { Effect } from "./statement.ts";

/** What the catalog says of a statement's objects before it runs. Looked up as the statement would, by search_path. */
export function factsOf(effect: Effect | undefined): Facts {
  const none: Facts = { sql: () => "'{}'::jsonb", parameters: [] };
  switch (effect?.does) {
    case "create index":
      if (effect.name === undefined) return none;
      return {
        sql: (from) => `pg_catalog.jsonb_build_object('index', (SELECT c.oid::int8 FROM pg_catalog.pg_class c
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
    default:
      return none;
  }
}

/**
 * Whether the catalog shows that a statement, which an earlier attempt has begun, came to its end: what it makes was not
 * there before that attempt and is there now, as it is written, or what it takes away is gone.
 */
export async function hasHappened(sql: Sql, text: string, effect: Effect, before: unknown): Promise<boolean> {
  const facts = (before ?? {}) as Record<string, unknown>;
  switch (effect.does) {
    case "create index":
      return isAsWritten(sql, text, effect, typeof facts.index === "number" ? facts.index : 0);
    case "drop": {
      const oids = Array.isArray(facts.relations) ? facts.relations : [null];
      if (oids.includes(null)) return false;
      const left = await sql(
        `SELECT 1 FROM pg_catalog.pg_class WHERE oid = ANY ($1::int8[]::oid[])
         UNION ALL SELECT 1 FROM pg_catalog.unnest($2::text[]) AS name WHERE pg_catalog.to_regclass(name) IS NOT NULL`,
        [oids, effect.relations],
      );
      return left.length === 0;
    }
    case "detach": {
      const found = await sql(
        `SELECT 1 FROM pg_catalog.pg_class WHERE oid = $1::int8::oid
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = $1::int8::oid AND inhparent = $2::int8::oid)`,
        [facts.partition, facts.parent],
      );
      return found.length > 0;
    }
    case "add label": {
      if (facts.had !== false) return false;
      const found = await sql(
        "SELECT 1 FROM pg_catalog.pg_enum WHERE enumtypid = $1::int8::oid AND enumlabel = $2",
        [facts.type, effect.label],
      );
      return found.length > 0;
    }
    default:
      return false;
  }
}
