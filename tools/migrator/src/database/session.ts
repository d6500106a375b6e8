import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { DataSource, type QueryRunner } from "typeorm";
import { askMs, restMs } from "../bounds.ts";
import { classify } from "../classify.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { watchAnswers } from "./answers.ts";
import { ownPath, theirPath } from "./search-path.ts";
import { asOurs, createTraffic, type Traffic } from "./traffic.ts";
import { hangUp } from "./witness.ts";

/** Runs a statement of ours (never one of a migration) and returns its rows. */
export type Sql = <Row extends object>(text: string, parameters?: readonly unknown[]) => Promise<Row[]>;

export interface Session {
  dataSource: DataSource;
  /** The one session that holds the lock and executes everything. */
  runner: QueryRunner;
  sql: Sql;
  /** A second session, opened when first used, to look at the first one or cancel its statement. */
  aside: Sql;
  /** Lends such a session for more than one statement. */
  beside<T>(use: (sql: Sql, client: pg.Client) => Promise<T>): Promise<T>;
  pid: number;
  /** Schema of the record. */
  schema: string;
  /** Schemas of the search_path that migrations have, as far as they exist. */
  searchPath: readonly string[];
  /** Which sessions of the data source wait for an answer. */
  traffic: Traffic;
  /** Set once the first session is gone: whatever fails afterwards fails because of that. */
  lost(): Error | undefined;
  /** Rejects then. */
  gone: Promise<never>;
  /** Ends the first session at once, without waiting for the server, which is told to do the same where it can be reached. */
  cut(): void;
}

/** How long a server may take to say good-bye. */
export const goodbyeMs = 2_000;
const whoUsesItMs = 1_000;
/** How long a session that only looks waits for a lock, unless it is given limits. */
export const lookMs = 10_000;

export interface ConnectOptions {
  url: string;
  /** Schema of the record; the first one of search_path when not given. */
  schema?: string | undefined;
  /** TypeORM's own table, `migrations` when not given. */
  recordTable?: string | undefined;
  connectTimeoutMs?: number;
  limits?: { lockTimeoutMs: number };
}

/**
 * For every session: a server whose client was killed notices within a second (it would otherwise go on with a
 * statement, and hold our lock, until that ends), and one whose client's machine vanished within about 25: by
 * keepalives while nothing is under way, by the user timeout when an answer was sent and is never acknowledged, which
 * no keepalive would interrupt for a quarter of an hour.
 */
export const liveness = `SET client_connection_check_interval = '1s'; SET tcp_keepalives_idle = 10;
  SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET tcp_user_timeout = '25s'`;

export function createDataSource(
  { url, schema, recordTable, connectTimeoutMs = 10_000 }: ConnectOptions,
  log: Log,
  traffic: Traffic = createTraffic(),
): DataSource {
  return new DataSource({
    type: "postgres",
    driver: pg,
    url,
    ...(schema !== undefined && { schema }),
    ...(recordTable !== undefined && { migrationsTableName: recordTable }),
    applicationName: "migrator",
    connectTimeoutMS: connectTimeoutMs,
    poolSize: 4,
    installExtensions: false,
    logging: false,
    poolErrorHandler: (error: Error) => log.debug({ err: error }, "an idle connection was lost"),
    extra: {
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      onConnect(client: pg.Client) {
        traffic.attach(client);
        return client.query(liveness);
      },
    },
  });
}

/** Opens the session, hands it to `use`, and closes it whatever happens. */
export async function withSession<T>(
  options: ConnectOptions,
  log: Log,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const traffic = createTraffic();
  const dataSource = createDataSource(options, log, traffic);
  let lost: Error | undefined;
  let alive: NodeJS.Timeout | undefined;
  const { promise: gone, reject } = Promise.withResolvers<never>();
  gone.catch(() => undefined);
  const lose = (error: Error) => {
    lost ??= error;
    reject(lost);
  };
  const answers = watchAnswers(traffic, { url: options.url, log, onLost: lose });
  const open = async () => {
    await dataSource.initialize().catch((error) => Promise.reject(classify(error)));
    const runner = dataSource.createQueryRunner();
    const client: pg.Client = await runner.connect();
    traffic.execute(client);
    client.on("error", lose);
    const sql = sqlOf(runner);
    const { pid, schema, searchPath } = await identify(sql, options);
    directly(client, pid);
    const beside = pooled(dataSource);
    alive = setInterval(() => {
      if (client.getTransactionStatus() === "I") traffic.ping(client);
    }, restMs / 3);
    return use({
      dataSource,
      runner,
      sql,
      aside: (text, parameters) =>
        beside((other, client) => answeredInTime(client, () => other(text, parameters))),
      beside,
      pid,
      schema,
      searchPath,
      traffic,
      lost: () => lost,
      gone,
      cut() {
        lose(connectionLost(new Error("the connection was closed from here")));
        hangUp(client);
        // The half of a broken connection that the server has stays open, and with it our locks.
        answers.witness.terminate(pid);
      },
    });
  };
  try {
    return await Promise.race([open(), afterwards(gone)]);
  } catch (error) {
    throw lost === undefined || error instanceof MigratorError
      ? error
      : classify(connectionLost(lost, error));
  } finally {
    // A server that does not answer any more cannot say good-bye either.
    const goodbye = [dataSource.isInitialized ? dataSource.destroy() : undefined, answers.witness.ended()];
    await Promise.race([Promise.all(goodbye), sleep(goodbyeMs, undefined, { ref: false })]);
    clearInterval(alive);
    answers.stop();
  }
}

/** Whoever uses the session knows what it was at, and says so; they have a moment for it. */
const afterwards = (gone: Promise<never>) =>
  gone.catch((error) => sleep(whoUsesItMs).then(() => Promise.reject(error)));

function sqlOf(runner: QueryRunner): Sql {
  // Bound before a migration's guards replace it: our own statements do not pass through them.
  const query = runner.query.bind(runner);
  return (text, parameters) => query(text, parameters === undefined ? undefined : [...parameters]);
}

const pooled = (dataSource: DataSource): Session["beside"] => {
  // Bound before anybody watches who asks for a second session: ours are not a migration's.
  const open = dataSource.createQueryRunner.bind(dataSource);
  return (use) =>
    asOurs(async () => {
      const runner = open();
      const client: pg.Client = await runner.connect();
      try {
        await client.query(ownPath);
        return await use(sqlOf(runner), client);
      } finally {
        // A migration may be lent the same connection next. One that was lost has no path, and its error was told above.
        await client.query(theirPath).catch(() => undefined);
        await runner.release();
      }
    });
};

/** Whoever looks at the session from aside does not wait long: a network that swallows the question would take minutes. */
async function answeredInTime<T>(client: pg.Client, ask: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => hangUp(client), askMs);
  try {
    return await ask();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Also sets the limit of its lock waits: already what is read before the first migration may be locked. From here on the
 * session has our search_path; before, nothing is run whose meaning another could choose.
 */
async function identify(
  sql: Sql,
  { schema, limits }: ConnectOptions,
): Promise<Pick<Session, "pid" | "schema" | "searchPath">> {
  const [row] = await sql<{ pid: number; path: string[]; schema: string | null }>(
    `SELECT pg_catalog.pg_backend_pid() AS pid, pg_catalog.current_schemas(false)::pg_catalog.text[] AS path,
            (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) $2) AS schema,
            pg_catalog.set_config('lock_timeout', $1, false),
            -- It may hold the lock. At rest it is heard of every 20 s; where a proxy keeps the server's half of a broken
            -- connection open, nothing else would end it.
            pg_catalog.set_config('idle_session_timeout', $3, false),
            pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false), pg_catalog.set_config('jit', 'off', false)`,
    [String(limits?.lockTimeoutMs ?? lookMs), schema, String(restMs)],
  );
  const found = schema === undefined ? row?.path[0] : row?.schema;
  if (!row || !found) {
    const what =
      schema === undefined
        ? "search_path names no schema that exists"
        : `The schema ${schema} does not exist`;
    throw new MigratorError(ExitCode.Usage, `${what}.`, { next: "Create it or correct --record-schema." });
  }
  return { pid: row.pid, schema: found, searchPath: row.path };
}

/**
 * A pooler hands out its own process ids. Behind one that gives each transaction another server session, our lock
 * would be held by a session that somebody else uses next.
 */
function directly(client: pg.Client, pid: number): void {
  const { processID } = client as unknown as { processID: number };
  if (processID === pid) return;
  throw new MigratorError(
    ExitCode.Usage,
    "DATABASE_URL leads through a connection pooler (PgBouncer or the like).",
    {
      next: "The migrator holds a session lock: give it the URL of the PostgreSQL server itself.",
      facts: { announcedPid: processID, backendPid: pid },
    },
  );
}

const connectionLost = (lost: Error, cause?: unknown) =>
  Object.assign(new Error(lost.message || "the connection was lost", { cause }), { code: "08006" });
