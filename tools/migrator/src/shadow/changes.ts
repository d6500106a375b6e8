import { type Catalog, type Column, type Constraint, columnKey, type Relation } from "./catalog.ts";
import type { Change } from "./types.ts";

/** Which pending migration created a relation (by oid) or a column (by table.number). */
export type Births = Map<number | string, string>;

/** Notes what is new under the migration's name. */
export function noteBirths(births: Births, before: Catalog, after: Catalog, migration: string): void {
  for (const oid of after.relations.keys()) if (!before.relations.has(oid)) births.set(oid, migration);
  for (const key of after.columns.keys()) if (!before.columns.has(key)) births.set(key, migration);
}

/** What differs between two looks at the catalog. Parts of a table that came or went as a whole are not listed. */
export function changesBetween(before: Catalog, after: Catalog, births: Births): Change[] {
  const about = (relation: Relation) => ({
    relation: relation.name,
    kind: relation.kind,
    bornIn: births.get(relation.oid),
  });
  const named = (column: Pick<Column, "table" | "number" | "name">) => ({
    name: column.name,
    bornIn: births.get(columnKey(column)),
  });
  const indexOf = (relation: Relation, catalog: Catalog): Pick<Change, "index"> => {
    const table = relation.table === null ? undefined : catalog.relations.get(relation.table);
    if (table === undefined) return {};
    const { unique, ofConstraint } = relation;
    return { index: { table: table.name, tableBornIn: births.get(table.oid), unique, ofConstraint } };
  };
  const changes: Change[] = [];

  const columnsOf = ({ table, columns }: Pick<Constraint, "table" | "columns">, catalog: Catalog) =>
    columns.flatMap((number) => {
      const column = catalog.columns.get(columnKey({ table, number }));
      return column === undefined ? [] : [named(column)];
    });
  const keysOf = ({ table, keys }: Relation, catalog: Catalog) =>
    table === null || keys.includes(0) ? [] : columnsOf({ table, columns: keys }, catalog);

  for (const relation of after.relations.values()) {
    const old = before.relations.get(relation.oid);
    if (old === undefined) {
      changes.push({
        what: "relation created",
        ...about(relation),
        columns: keysOf(relation, after),
        ...indexOf(relation, after),
      });
    } else if (old.name !== relation.name) {
      changes.push({ what: "relation renamed", ...about(old), columns: [], detail: relation.name });
    }
  }
  for (const relation of before.relations.values()) {
    if (after.relations.has(relation.oid)) continue;
    changes.push({
      what: "relation dropped",
      ...about(relation),
      columns: [],
      ...indexOf(relation, before),
    });
  }

  const inBoth = (table: number) => {
    const relation = before.relations.get(table);
    return relation !== undefined && after.relations.has(table) ? relation : undefined;
  };
  for (const column of after.columns.values()) {
    const table = inBoth(column.table);
    if (table === undefined) continue;
    const old = before.columns.get(columnKey(column));
    for (const change of columnChanges(old, column)) {
      changes.push({ ...about(table), columns: [named(old ?? column)], ...change });
    }
  }
  for (const column of before.columns.values()) {
    const table = inBoth(column.table);
    if (table === undefined || after.columns.has(columnKey(column))) continue;
    changes.push({ what: "column dropped", ...about(table), columns: [named(column)] });
  }

  for (const constraint of after.constraints.values()) {
    const table = inBoth(constraint.table);
    const old = before.constraints.get(constraint.oid);
    if (table === undefined || old?.validated === constraint.validated) continue;
    changes.push({
      what: old === undefined ? "constraint added" : "constraint validated",
      ...about(table),
      columns: columnsOf(constraint, after),
      detail: constraint.definition,
      constraint,
    });
  }
  for (const constraint of before.constraints.values()) {
    const table = inBoth(constraint.table);
    if (table === undefined || after.constraints.has(constraint.oid)) continue;
    const columns = columnsOf(constraint, before);
    changes.push({ what: "constraint dropped", ...about(table), columns, constraint });
  }

  for (const [from, to, happened] of [
    [before, after, "dropped"],
    [after, before, "created"],
  ] as const) {
    for (const { oid, kind, name } of from.named.values()) {
      if (to.named.has(oid)) continue;
      changes.push({ what: `${kind} ${happened}`, relation: name, kind, bornIn: undefined, columns: [] });
    }
  }
  return withoutRemade(changes);
}

/** PostgreSQL makes the indexes and constraints of a column anew when its type changes; to everybody they are the same. */
function withoutRemade(changes: Change[]): Change[] {
  const retyped = changes.filter(({ what }) => what === "type changed").map(({ relation }) => relation);
  const part = ({ relation, index, constraint }: Change) =>
    `${index?.table ?? relation} ${index ? relation : constraint?.name}`;
  const parts = changes.filter(
    ({ relation, index, constraint }) =>
      (index !== undefined || constraint !== undefined) && retyped.includes(index?.table ?? relation),
  );
  const isRemade = (change: Change) =>
    parts.includes(change) && parts.some((other) => other !== change && part(other) === part(change));
  return changes.filter((change) => !isRemade(change));
}

function columnChanges(
  old: Column | undefined,
  column: Column,
): Pick<Change, "what" | "detail" | "column">[] {
  const { notNull, hasDefault } = column;
  if (old === undefined) return [{ what: "column added", column: { notNull, hasDefault } }];
  const changes: Pick<Change, "what" | "detail">[] = [];
  if (old.name !== column.name) changes.push({ what: "column renamed", detail: column.name });
  if (old.type !== column.type)
    changes.push({ what: "type changed", detail: `${old.type} to ${column.type}` });
  if (!old.notNull && notNull) changes.push({ what: "not null set" });
  // A column that may be NULL simply stays NULL without its default.
  if (old.hasDefault && !hasDefault && notNull) changes.push({ what: "default dropped" });
  return changes;
}
