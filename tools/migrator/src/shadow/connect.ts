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
    query_timeout: 50_000,
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

/** A migration's failure there, which must not read as if the real database had failed. */
export function failedOnShadow({ exitCode, message, next, facts, cause }: MigratorError): MigratorError {
  return new MigratorError(
    exitCode,
    `The plan failed on the shadow database (the real one was only read): ${message}`,
    {
      next: `${next === undefined ? "" : `${next.replaceAll("DATABASE_URL", "--shadow")} `}The shadow database has what migrations made: rows and objects made by hand or by the application are missing there, so a migration that builds on them can fail there alone.`,
      facts,
      cause,
    },
  );
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
