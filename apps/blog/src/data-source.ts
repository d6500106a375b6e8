import pg from "pg";
import { DataSource, type EntitySchema } from "typeorm";
import type { Env } from "./env.ts";

/** `blog@<level>`: from this name in pg_stat_activity the migrator sees which releases are alive. */
export const applicationName = (level: string) => `blog@${level}`;

export function createDataSource(
  env: Pick<Env, "DATABASE_URL" | "POOL_SIZE" | "POOL_WAIT_MS" | "STATEMENT_TIMEOUT_MS">,
  entities: readonly EntitySchema[],
  level: string,
  onPoolError: (error: Error) => void,
): DataSource {
  return new DataSource({
    type: "postgres",
    // Named, because TypeORM would look for it in node_modules, and the image holds one bundled file.
    driver: pg,
    url: env.DATABASE_URL,
    entities: [...entities],
    // The schema is the migrator's alone.
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    logging: false,
    applicationName: applicationName(level),
    // Without a listener, a connection that PostgreSQL closes (57P01) would end the process. The pool opens another.
    poolErrorHandler: onPoolError,
    extra: {
      max: env.POOL_SIZE,
      connectionTimeoutMillis: env.POOL_WAIT_MS,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      statement_timeout: env.STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: env.STATEMENT_TIMEOUT_MS,
      // Where the server cannot cancel (it is gone), the wait ends all the same.
      query_timeout: env.STATEMENT_TIMEOUT_MS + 1000,
    },
  });
}
