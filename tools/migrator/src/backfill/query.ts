import type { QueryRunner } from "typeorm";

/** Runs one statement in the executing session and returns its rows. */
export type Query = <Row extends object>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

/** Looked up at each call: the executor's guards stand in `runner.query` while it runs a migration. */
export const queryOf =
  (runner: QueryRunner): Query =>
  (sql, parameters) =>
    runner.query(sql, parameters === undefined ? undefined : [...parameters]);
