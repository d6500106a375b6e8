import pg from "pg";
import { DataSource, type QueryRunner } from "typeorm";
import { onTestFinished } from "vitest";
import { quote } from "../../src/online/ddl/names.ts";
import type { TestDatabase } from "./database.ts";

/** Names that break whatever does not quote: upper case, reserved words, blanks, quotes. */
export const orders = 'The "Order"';
export const groups = "group";

export interface Scenario {
  name: string;
  /** Statements before, with the tables of `prepare` there. */
  before?: (schema: string) => string[];
  run(runner: QueryRunner, schema: string): Promise<void>;
}

/** A schema of its own with two tables and some rows. */
export async function prepare(database: TestDatabase, schema: string, scenario?: Scenario): Promise<void> {
  const s = quote(schema);
  await database.query(`CREATE SCHEMA ${s}`);
  await database.query(`CREATE TABLE ${s}.${quote(groups)} (id bigint PRIMARY KEY, "of" text)`);
  await database.query(`CREATE TABLE ${s}.${quote(orders)} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Group" bigint, "select" text NOT NULL DEFAULT 'none', note json)`);
  await database.query(`INSERT INTO ${s}.${quote(groups)} SELECT n, 'g' || n FROM generate_series(1, 5) n`);
  await database.query(
    `INSERT INTO ${s}.${quote(orders)} ("Group", "select", note) SELECT 1 + n % 5, 's' || n, '{}' FROM generate_series(1, 50) n`,
  );
  for (const sql of scenario?.before?.(s) ?? []) await database.query(sql);
}

/** A runner as TypeORM's own CLI would give a migration: without any context of ours. */
export async function openRunner(url: string): Promise<QueryRunner> {
  const source = await new DataSource({
    type: "postgres",
    driver: pg,
    url,
    installExtensions: false,
  }).initialize();
  onTestFinished(async () => {
    if (source.isInitialized) await source.destroy();
  });
  return source.createQueryRunner();
}

export class Cut extends Error {}

/** Lets `whole` statements through, answers the last of them with an error and runs nothing any more, as a crash would. */
export function cutAfter(runner: QueryRunner, whole: number): { statements: string[] } {
  const plain = runner.query.bind(runner) as (...call: unknown[]) => Promise<unknown>;
  const statements: string[] = [];
  runner.query = (async (sql: string, ...rest: unknown[]) => {
    if (statements.length >= whole) throw new Cut(`cut before: ${sql}`);
    statements.push(sql);
    const result = await plain(sql, ...rest);
    if (statements.length >= whole) throw new Cut(`cut after: ${sql}`);
    return result;
  }) as typeof runner.query;
  return { statements };
}

/** Everything a helper may leave in a schema, as the server prints it. */
export async function catalog(database: TestDatabase, schema: string): Promise<string[]> {
  const s = quote(schema);
  const rows = await database.query<{ line: string }>(
    `WITH tables AS (SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1)
     SELECT format('%s.%s %s%s%s', t.relname, a.attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' NOT NULL' END,
                   ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)) AS line
       FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
       JOIN pg_class c ON c.oid = t.oid WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
     UNION ALL SELECT format('%s: %s', k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
     UNION ALL SELECT pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END FROM pg_index i JOIN tables t ON t.oid = i.indrelid
     UNION ALL SELECT pg_get_triggerdef(g.oid) FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
     UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1
     ORDER BY 1`,
    [schema],
  );
  return rows.map(({ line }) => line.replaceAll(s, "SCHEMA"));
}
