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
const typeormMetadata = "typeorm_metadata";

/** What is in the schemas of the record, of search_path and those the migrations name, but for the record itself. */
export async function objectsAround(
  { sql, searchPath }: Pick<Session, "sql" | "searchPath">,
  tables: RecordTables,
  local: readonly Pick<LoadedMigration, "path">[],
): Promise<DatabaseObject[]> {
  const schemas = await schemasOf(sql, searchPath, tables.schema, local);
  const isOwn = ({ schema, name }: DatabaseObject) =>
    name !== null && (name === typeormMetadata || (schema === tables.schema && tables.names.includes(name)));
  return (await contents(sql, schemas)).filter((object) => object.type !== "table" || !isOwn(object));
}

async function schemasOf(
  sql: Sql,
  searchPath: readonly string[],
  recordSchema: string,
  local: readonly Pick<LoadedMigration, "path">[],
): Promise<string[]> {
  const near = [...new Set([recordSchema, ...searchPath])];
  const others = await sql<{ name: string }>(
    `SELECT nspname::text AS name FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1)`,
    [near],
  );
  return [
    ...near,
    ...(await mentioned(
      others.map(({ name }) => name),
      local,
    )),
  ];
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
