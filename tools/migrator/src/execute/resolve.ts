import type { Sql } from "../database/session.ts";
import type { Effect } from "./effect.ts";

/**
 * The same effect with the names of what is there qualified, as the migration's search_path finds them: whatever else we
 * ask about it is asked with our own path. Nothing in this look can be of anybody else's making: all of it is qualified.
 */
export async function resolved(sql: Sql, effect: Effect | undefined): Promise<Effect | undefined> {
  if (effect === undefined) return undefined;
  const { relations, type } = namesOf(effect);
  const rows = await sql<{ written: string; label: string | null }>(
    `SELECT w.name AS written, pg_catalog.format('%I.%I', n.nspname, c.relname) AS label
       FROM pg_catalog.unnest($1::pg_catalog.text[]) AS w (name)
       JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(w.name)::pg_catalog.oid
       JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
      UNION ALL
     SELECT $2, pg_catalog.format('%I.%I', n.nspname, t.typname)
       FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
      WHERE t.oid OPERATOR(pg_catalog.=) pg_catalog.to_regtype($2::pg_catalog.text)::pg_catalog.oid`,
    [relations, type],
  );
  const labels = new Map(rows.map(({ written, label }) => [written, label ?? written]));
  // What is not there yet, or no more, keeps the name it was given.
  return renamed(effect, (name) => labels.get(name) ?? name);
}

function namesOf(effect: Effect): { relations: string[]; type: string | null } {
  if (effect.does === "add label") return { relations: [], type: effect.type };
  const relations: string[] = [];
  renamed(effect, (name) => {
    relations.push(name);
    return name;
  });
  return { relations, type: null };
}

function renamed(effect: Effect, name: (written: string) => string): Effect {
  switch (effect.does) {
    case "create index":
    case "make constraint":
      return { ...effect, table: name(effect.table) };
    case "drop":
      return { ...effect, relations: effect.relations.map(name) };
    case "rename":
      return { ...effect, relation: name(effect.relation) };
    case "rebuild":
      return effect.name === undefined ? effect : { ...effect, name: name(effect.name) };
    case "detach":
      return { ...effect, parent: name(effect.parent), partition: name(effect.partition) };
    case "add label":
      return { ...effect, type: name(effect.type) };
  }
}
