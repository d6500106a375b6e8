import { tableNames } from "../record/tables.ts";

/** Whether a name, as PostgreSQL writes it, is that of one of the record's tables. */
export function isRecord(schema: string): (relation: string) => boolean {
  const names = new Set(tableNames.flatMap((name) => [name, `${schema}.${name}`]));
  return (relation) => names.has(relation.replaceAll('"', ""));
}
