import type { Session, Sql } from "../database/session.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { contents, type DatabaseObject } from "../shadow/contents.ts";
import { mentioned } from "./mentioned.ts";
import { findRecords, type RecordLike } from "./record-like.ts";
import type { RecordTables } from "./tables.ts";

/** What stands in the schemas where these migrations would work, though nothing is recorded. */
export interface Occupied {
  /** Whether the record's table is there, with no row in it. */
  recordIsThere: boolean;
  objects: DatabaseObject[];
  records: RecordLike[];
}

/** TypeORM makes this one beside its record, for views and generated columns. */
export const typeormMetadata = "typeorm_metadata";

export type Around = Pick<Session, "sql" | "searchPath">;

/** What is in the schemas around, but for the record itself. */
export async function objectsAround(
  around: Around,
  tables: RecordTables,
  local: readonly Pick<LoadedMigration, "path">[],
): Promise<DatabaseObject[]> {
  const schemas = await schemasAround(around, tables, local);
  const isOwn = ({ schema, name }: DatabaseObject) =>
    name !== null && (name === typeormMetadata || (schema === tables.schema && tables.names.includes(name)));
  return (await contents(around.sql, schemas)).filter((object) => object.type !== "table" || !isOwn(object));
}

/** Where these migrations would work: the schemas of the record, of search_path, and those they name. */
export async function schemasAround(
  { sql, searchPath }: Around,
  tables: Pick<RecordTables, "schema">,
  local: readonly Pick<LoadedMigration, "path">[],
): Promise<string[]> {
  const near = [...new Set([tables.schema, ...searchPath])];
  const others = await sql<{ name: string }>(
    `SELECT nspname::text AS name FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1)`,
    [near],
  );
  const names = others.map(({ name }) => name);
  return [...near, ...(await mentioned(names, local))];
}

/** With the tables that may be the record we were not told of. */
export async function occupied(
  sql: Sql,
  tables: RecordTables,
  objects: DatabaseObject[],
  seen: { recordIsThere: boolean; names: readonly string[] },
): Promise<Occupied | undefined> {
  if (objects.length === 0) return undefined;
  const schemas = [...new Set(objects.flatMap(({ schema }) => schema ?? []))];
  const records = await findRecords(sql, tables, schemas, seen.names);
  return { recordIsThere: seen.recordIsThere, objects, records };
}
