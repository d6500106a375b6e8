import type { Sql } from "./session.ts";

/**
 * The search_path of our own statements: names and operators are PostgreSQL's own, whatever others were allowed to
 * create in `public`. An operator there that fits the types of its operands better would be chosen even though
 * pg_catalog is searched first. pg_temp last, or a temporary table could hide a catalog. Migrations have the path of the
 * role, database or URL.
 *
 * Without JIT: who may write is a question of many small steps, which would take a second to compile.
 */
export const ownPath = "SET search_path = pg_catalog, pg_temp; SET jit = off";

/** The settings of the role, database or URL, for a migration's own statements. */
export const theirPath = "RESET search_path; RESET jit";

const take = (local: boolean) =>
  `SELECT pg_catalog.current_setting('search_path') AS path, pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', ${local})`;

const giveBack = (local: boolean) => `SELECT pg_catalog.set_config('search_path', $1, ${local})`;

/** Whether a statement is one of those around our own: nothing a plan would show. */
export const isPathChange = (sql: string) =>
  [true, false].some((local) => sql === take(local) || sql === giveBack(local));

/** Runs our own statements in the middle of a migration, and gives it back the path it had then. */
export async function onOwnPath<T>(sql: Sql, inTransaction: boolean, work: () => Promise<T>): Promise<T> {
  // As local as the transaction: the path that counts after it is the migration's business.
  const [row] = await sql<{ path: string }>(take(inTransaction));
  const back = () => sql(giveBack(inTransaction), [row?.path ?? ""]);
  const result = await work().catch(async (error) => {
    // Where this fails too, the transaction did, or the session is gone, and the first error says why.
    await back().catch(() => undefined);
    throw error;
  });
  await back();
  return result;
}
