import pg from "pg";
import { DataSource, type EntitySchema } from "typeorm";
import type { Env } from "./env.ts";

/** `blog@<level>`: from this name in pg_stat_activity the migrator sees which releases are alive. */
export const applicationName = (level: string) => `blog@${level}`;

interface Hooks {
  /** Looks at each new connection before it is used; a rejection gives the connection up. */
  onConnect(client: pg.ClientBase): Promise<void>;
  onPoolError(error: Error): void;
}

export function createDataSource(
  env: Pick<Env, "DATABASE_URL" | "POOL_SIZE" | "POOL_WAIT_MS" | "STATEMENT_TIMEOUT_MS">,
  entities: readonly EntitySchema[],
  level: string,
  hooks: Hooks,
): DataSource {
  return new DataSource({
    type: "postgres",
    // Named, because TypeORM would look for it in node_modules, and the image holds a bundle.
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
    poolErrorHandler: hooks.onPoolError,
    extra: {
      Client: ClientThatGivesUp,
      onConnect: hooks.onConnect,
      max: env.POOL_SIZE,
      connectionTimeoutMillis: env.POOL_WAIT_MS,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      statement_timeout: env.STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: env.STATEMENT_TIMEOUT_MS,
      // Where the server cannot cancel (it is gone), the wait ends all the same, and the connection with it.
      query_timeout: env.STATEMENT_TIMEOUT_MS + 1000,
    },
  });
}

/** The pool behind it, which TypeORM does not speak of. */
export const poolOf = (db: DataSource): pg.Pool => (db.driver as unknown as { master: pg.Pool }).master;

/**
 * Ends itself when a query fails and it was not PostgreSQL that said so. After a read timeout pg goes on waiting for
 * the old answer, and TypeORM gives such a connection back to the pool as if nothing were wrong: whoever got it next
 * would wait for nothing as well. The pool removes a connection that has ended.
 */
class ClientThatGivesUp extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: pg's overloads; TypeORM uses the one that returns a promise
  override query(...query: any[]): any {
    return super.query(...(query as [string])).catch((error: unknown) => {
      if (!(error instanceof pg.DatabaseError)) void this.end();
      throw error;
    });
  }
}
