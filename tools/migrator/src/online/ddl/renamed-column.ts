import type { QueryRunner } from "typeorm";
import { type Column, columnOf, select, type Table } from "./catalog.ts";
import { quote } from "./names.ts";
import { briefly } from "./step.ts";

/** Adds `name` with the type of `like`, nullable and without a default. */
export async function addTwin(runner: QueryRunner, table: Table, like: Column, name: string): Promise<void> {
  if (like.made !== null) {
    throw new Error(
      `${table.label}.${like.name} is ${like.made === "identity" ? "an identity" : "a generated"} column, whose values PostgreSQL makes: a copy cannot be kept in step`,
    );
  }
  const collate = like.collation === null ? "" : ` COLLATE ${like.collation}`;
  const twin = await columnOf(runner, table, name);
  if (twin !== undefined) return expectTwin(table, like, twin);
  await briefly(runner, {
    sql: `ALTER TABLE ${table.sql} ADD COLUMN ${quote(name)} ${like.type}${collate}`,
    does: `adding ${name} to ${table.label}, like ${like.name}: nullable and without a default, so no row is touched`,
    lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
  });
}

/** A default would pass for a value that a writer gave. */
function expectTwin(table: Table, like: Column, twin: Column): void {
  if (twin.type === like.type && twin.made === null && twin.fallback === null) return;
  const what = [twin.type, twin.fallback !== null && `default ${twin.fallback}`, twin.made]
    .filter((part) => typeof part === "string")
    .join(", ");
  throw new Error(
    `${table.label} already has a ${twin.name} (${what}), where ${like.type} without a default is wanted. Choose another name, or drop it first`,
  );
}

/** Hands the default from the column that goes to the one that stays. */
export async function moveDefault(
  runner: QueryRunner,
  table: Table,
  from: Column,
  to: string,
): Promise<void> {
  if (from.fallback === null) return;
  await briefly(runner, {
    sql: `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(to)} SET DEFAULT ${from.fallback}, ALTER COLUMN ${quote(from.name)} DROP DEFAULT`,
    does: `${to} takes over the default of ${from.name}: only rows written from now on see it`,
    lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
  });
}

/** Indexes and constraints that PostgreSQL drops together with a column, in its own words. */
export async function goingWith(runner: QueryRunner, table: Table, column: string): Promise<string[]> {
  const rows = await select<{ name: string }>(
    runner,
    `SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) AS name
       FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
       LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
      WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND a.attname = $2 AND d.deptype = 'a'
        AND d.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass) AND k.contype IS DISTINCT FROM 'n'
      ORDER BY 1`,
    [table.oid, column],
  );
  return rows.map(({ name }) => name);
}
