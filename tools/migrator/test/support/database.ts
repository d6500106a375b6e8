import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import type { Sql } from "../../src/database/session.ts";
import { sayEmpty } from "../../src/record/notes.ts";
import { createRecordTables, recordTables } from "../../src/record/tables.ts";

export interface TestDatabase {
  url: string;
  name: string;
  /** The owner's session, closed with the test. */
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Another session of the owner, closed with the test. */
  session(applicationName?: string): Promise<pg.Client>;
  /** The URL of this database for another user. */
  as(user: string, password: string): string;
  /** A superuser's session in this database, closed with the test. */
  admin(): Promise<pg.Client>;
}

/** Any password that must never be seen in any output. */
export const secret = "s3cret-Never-Shown";

/** A database of the test's own, owned by a role of the test's own that is no superuser. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString("hex")}`;
  const admin = await connect(inject("adminUrl"));
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${secret}'`);
  await admin.query(`GRANT pg_read_all_stats TO ${name}`);
  // Copying the template's files takes half as long as logging all that is in them.
  await admin.query(`CREATE DATABASE ${name} OWNER ${name} STRATEGY file_copy`);
  await admin.end();
  // Named first, so it happens last: when the sessions of the test are closed.
  onTestFinished(async () => {
    const admin = await connect(inject("adminUrl"));
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });
  const as = (user: string, password: string) => urlOf(name, user, password);
  const url = as(name, secret);
  const first = await connectForTest(url, "test");
  return {
    url,
    name,
    as,
    query: async (text, values) => (await first.query(text, values)).rows,
    session: (applicationName = "test") => connectForTest(url, applicationName),
    admin: () => {
      const admin = new URL(inject("adminUrl"));
      return connectForTest(as(admin.username, admin.password), "test");
    },
  };
}

export function urlOf(database: string, user: string, password: string): string {
  const url = new URL(inject("adminUrl"));
  url.username = user;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
}

export async function connect(url: string, applicationName = "test"): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: applicationName });
  await client.connect();
  return client;
}

async function connectForTest(url: string, applicationName: string): Promise<pg.Client> {
  const client = await connect(url, applicationName);
  onTestFinished(() => client.end());
  return client;
}

/** For tests whose tables no migration made: the record says that nothing is applied, as `migrator baseline --none` leaves it. */
export async function saySharedSchema({ query }: Pick<TestDatabase, "query">): Promise<void> {
  const tables = recordTables("public");
  const sql: Sql = (text, values) => query(text, values && [...values]);
  await createRecordTables(sql, tables);
  await sayEmpty(sql, tables);
}

/** Waits until `check` gives something true; fails the test by its own timeout message otherwise. */
export async function until<T>(
  what: string,
  check: () => Promise<T>,
  timeoutMs = 20_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

/** Waits until a migrator's session runs a statement that contains `text`. */
export const untilRunning = (database: TestDatabase, text: string) =>
  until(`a migrator running ${text}`, async () => {
    const rows = await database.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'migrator'
          AND state = 'active' AND query LIKE '%' || $2 || '%'`,
      [database.name, text],
    );
    return rows[0]?.pid;
  });

/** Waits until no migrator has a session any more; returns how long that took. */
export async function untilGone(database: TestDatabase): Promise<number> {
  const started = Date.now();
  await until("the end of the migrator's sessions", async () => {
    const rows = await database.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND application_name = 'migrator'",
      [database.name],
    );
    return rows.length === 0;
  });
  return Date.now() - started;
}
