import type pg from "pg";
import { codeOf } from "../classify.ts";
import { isPathChange } from "../database/search-path.ts";
import type { Session } from "../database/session.ts";
import { contextOf } from "../online/context.ts";
import type { Births } from "./changes.ts";
import { look, Observations, type Statement } from "./observations.ts";
import { isTransactionControl } from "./sql.ts";
import type { ObservedStatement } from "./types.ts";
import { watchWhile } from "./watch.ts";

export interface ObservationOptions {
  /** Of the shadow database. */
  url: string;
  /** Name of the migration. */
  migration: string;
  births: Births;
  /** The record's tables. */
  record: (relation: string) => boolean;
}

export interface Observation {
  statements: ObservedStatement[];
  /** What `work` failed with; the statements are those before it. */
  error?: unknown;
  /** The statement that failed, when it was one. */
  failedSql?: string;
}

/** Runs `work` and returns what each statement of the migration in it did, as the database showed it. */
export async function observing(
  session: Session,
  { url, migration, births, record }: ObservationOptions,
  work: () => Promise<unknown>,
): Promise<Observation> {
  const { runner } = session;
  const client: pg.Client = await runner.connect();
  const plain = runner.query;
  const run = plain.bind(runner) as (...call: unknown[]) => Promise<unknown>;
  const observations = new Observations(migration, births, record);
  let failedSql: string | undefined;

  const observed = async (...call: unknown[]): Promise<unknown> => {
    const [sql, parameters] = call as [string, unknown[] | undefined];
    // The executor's own statements, and the borders of a helper's transaction or look, are no part of the plan.
    if (contextOf(runner) === undefined || isTransactionControl(sql) || isPathChange(sql))
      return run(...call);
    const statement = { sql, parameters: (parameters ?? []).map(printable) };
    // In a failed transaction PostgreSQL refuses everything, a look too.
    if (client.getTransactionStatus() === "E") return run(...call);
    try {
      failedSql = undefined;
      return client.getTransactionStatus() === "T"
        ? await withOthers(session, observations, statement, () => run(...call))
        : await onItsOwn(session, url, observations, statement, () => run(...call));
    } catch (error) {
      failedSql = sql;
      throw error;
    }
  };

  runner.query = observed as typeof runner.query;
  try {
    await work();
    return { statements: observations.statements };
  } catch (error) {
    return { statements: observations.statements, error, ...(failedSql !== undefined && { failedSql }) };
  } finally {
    runner.query = plain;
  }
}

/** JSON has no bigint and would spell out a buffer. */
const printable = (value: unknown): unknown => {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : value;
};

async function withOthers(
  session: Session,
  observations: Observations,
  statement: Statement,
  run: () => Promise<unknown>,
) {
  const before = await look(session, true);
  const result = await run();
  await observations.inTransaction(statement, session, before, true);
  return result;
}

/** A statement that commits by itself is given a transaction, to be looked at before that ends, where it allows one. */
async function onItsOwn(
  session: Session,
  url: string,
  observations: Observations,
  statement: Statement,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const { sql } = session;
  await sql("BEGIN");
  try {
    const before = await look(session, true);
    const result = await run();
    await observations.inTransaction(statement, session, before, false);
    await sql("COMMIT");
    return result;
  } catch (error) {
    await sql("ROLLBACK");
    if (!refusesTransaction(error)) throw error;
  }
  const before = await look(session, false);
  const { result, locks } = await watchWhile(url, session.pid, run);
  observations.add(statement, before, await look(session, false), locks, { watched: true });
  return result;
}

/** "… cannot run inside a transaction block", and a procedure that commits. */
const refusesTransaction = (error: unknown) => ["25001", "2D000"].includes(codeOf(error) ?? "");
