import type { QueryRunner } from "typeorm";
import type { Table } from "./catalog.ts";
import { quote } from "./names.ts";

/**
 * Lends an empty temporary table with the same columns, and undoes whatever was made on it. PostgreSQL prints
 * expressions its own way; only what it prints for the wanted index or check can be compared with what is there.
 */
export async function onEmptyCopy<T>(
  runner: QueryRunner,
  table: Table,
  work: (copy: string) => Promise<T>,
): Promise<T> {
  await runner.startTransaction();
  try {
    // The same name, so that expressions which name the table find it.
    await runner.query(`CREATE TEMPORARY TABLE ${quote(table.name)} (LIKE ${table.sql})`);
    return await work(`pg_temp.${quote(table.name)}`);
  } finally {
    await runner.rollbackTransaction();
  }
}
