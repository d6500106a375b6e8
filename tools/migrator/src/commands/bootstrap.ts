import type pg from "pg";
import { type Before, checkSchema, checkServer } from "../bootstrap/checks.ts";
import { withClient } from "../bootstrap/client.ts";
import { grantInDatabase } from "../bootstrap/grants.ts";
import { lockBootstrap } from "../bootstrap/lock.ts";
import { checkNames, type Names } from "../bootstrap/names.ts";
import { ensureDatabase, ensureRole } from "../bootstrap/roles.ts";
import { grantStatistics } from "../bootstrap/statistics.ts";
import { warnOfOwners } from "../bootstrap/take-over.ts";
import { databaseTarget, databaseUrl } from "../database/url.ts";
import type { Log } from "../log.ts";
import { quote } from "../record/tables.ts";

export interface BootstrapOptions {
  env: NodeJS.ProcessEnv;
  /** Schema the migrator may create in; default public. */
  schema?: string | undefined;
  recordTable?: string | undefined;
  /** Whether a database or schema of another owner becomes the migrator's. */
  takeOver?: boolean | undefined;
  /** Longest wait for another bootstrap. */
  waitMs?: number;
}

export interface BootstrapResult {
  database: string;
  migrator: string;
  app: string;
  created: string[];
}

/** Makes an empty server (or one that was made ready before) ready for `up`. */
export async function bootstrap(
  { env, schema = "public", recordTable, takeOver = false, waitMs = 300_000 }: BootstrapOptions,
  log: Log,
): Promise<BootstrapResult> {
  const url = databaseUrl(env.DATABASE_URL);
  const migrator = databaseTarget(env.MIGRATOR_DATABASE_URL, "MIGRATOR_DATABASE_URL");
  const app = databaseTarget(env.APP_DATABASE_URL, "APP_DATABASE_URL");
  const names = { migrator, app, schema };
  checkNames(names);
  const created = await withClient(url, undefined, async (client) => {
    // Two bootstraps at once (a retried Job) would create the same role, or give the same grant, which PostgreSQL
    // refuses as "tuple concurrently updated". The second waits here until the first has done all of it: the lock is
    // this session's, which therefore stays open for the grants below.
    await lockBootstrap(client, { waitMs, log });
    const before = await checkServer(client, names, takeOver);
    if (before.owner !== undefined)
      await withClient(url, migrator.database, (inDatabase) => checkSchema(inDatabase, names, takeOver));
    const made = await onServer(client, names, before, log);
    await withClient(url, migrator.database, async (inDatabase) => {
      await grantInDatabase(inDatabase, { schema, recordTable, migrator: migrator.user, app: app.user });
      await warnOfOwners(inDatabase, names, log);
    });
    return made;
  });
  log.info({ schema, migrator: migrator.user, app: app.user }, "grants are in place");
  return { database: migrator.database, migrator: migrator.user, app: app.user, created };
}

/** Roles and database are the server's, so they are made from the administrator's own database. */
async function onServer(client: pg.Client, names: Names, before: Before, log: Log) {
  const { migrator, app } = names;
  const made = {
    [`role ${migrator.user}`]: await ensureRole(client, migrator, log),
    [`role ${app.user}`]: await ensureRole(client, app, log),
    [`database ${migrator.database}`]: await makeDatabase(client, names, before, log),
  };
  return Object.keys(made).filter((name) => made[name] === "created");
}

async function makeDatabase(client: pg.Client, names: Names, before: Before, log: Log) {
  const role = quote(names.migrator.user);
  // Only a superuser may give a database to a role it is no member of.
  if (!before.superuser) await client.query(`GRANT ${role} TO CURRENT_USER`);
  await grantStatistics(client, names.migrator, log);
  // An autovacuum gives way only to a session that waited deadlock_timeout (1 s) for it, longer than our
  // lock_timeout. With this right the migrator shortens it; only a superuser can give it.
  if (before.superuser) await client.query(`GRANT SET ON PARAMETER deadlock_timeout TO ${role}`);
  return ensureDatabase(client, names, before, log);
}
