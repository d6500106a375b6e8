import pg from "pg";
import { classify } from "../classify.ts";
import type { Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";

export interface ShadowSession {
  sql: Sql;
  end(): Promise<void>;
}

/** A session beside the one that executes: to make and drop what the shadow database needs. */
export async function connectShadow(url: string): Promise<ShadowSession> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "migrator shadow",
    connectionTimeoutMillis: 10_000,
  });
  // A lost connection also fails the query that runs; without a listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw ofShadow(error);
  }
  return {
    sql: async (text, values) => (await client.query(text, values && [...values])).rows,
    end: () => client.end(),
  };
}

/** The same error, saying that it is about the shadow database. */
export function ofShadow(error: unknown): MigratorError {
  const { exitCode, message, next, facts, cause } = classify(error);
  return new MigratorError(exitCode, `The shadow database: ${message}`, {
    ...(next !== undefined && { next: next.replaceAll("DATABASE_URL", "--shadow") }),
    facts,
    cause,
  });
}
