import type pg from "pg";
import { withClient } from "../bootstrap/client.ts";
import { grantInDatabase } from "../bootstrap/grants.ts";
import { lockBootstrap } from "../bootstrap/lock.ts";
import { ensureDatabase, ensureRole } from "../bootstrap/roles.ts";
import { type DatabaseTarget, databaseTarget, databaseUrl } from "../database/url.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { quote } from "../record/tables.ts";

export interface BootstrapOptions {
  env: NodeJS.ProcessEnv;
  /** Schema the migrator may create in; default public. */
  schema?: string | undefined;
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
  { env, schema = "public", waitMs = 300_000 }: BootstrapOptions,
  log: Log,
): Promise<BootstrapResult> {
  const url = databaseUrl(env.DATABASE_URL);
  const migrator = databaseTarget(env.MIGRATOR_DATABASE_URL, "MIGRATOR_DATABASE_URL");
  const app = databaseTarget(env.APP_DATABASE_URL, "APP_DATABASE_URL");
  checkTargets(migrator, app);
  const created = await withClient(url, undefined, async (client) => {
    await checkAdministrator(client, migrator, app);
    // Two bootstraps at once (a retried Job) would create the same role, or give the same grant, which PostgreSQL
    // refuses as "tuple concurrently updated". The second waits here until the first has done all of it: the lock is
    // this session's, which therefore stays open for the grants below.
    await lockBootstrap(client, { waitMs, log });
    const made = await onServer(client, migrator, app, log);
    await withClient(url, migrator.database, (inDatabase) =>
      grantInDatabase(inDatabase, { schema, migrator: migrator.user, app: app.user }),
    );
    return made;
  });
  log.info({ schema, migrator: migrator.user, app: app.user }, "grants are in place");
  return { database: migrator.database, migrator: migrator.user, app: app.user, created };
}

async function checkAdministrator(
  client: pg.Client,
  migrator: DatabaseTarget,
  app: DatabaseTarget,
): Promise<void> {
  const { rows } = await client.query<{ user: string }>("SELECT current_user AS user");
  const user = rows[0]?.user ?? "";
  if (![migrator.user, app.user].includes(user)) return;
  throw new MigratorError(ExitCode.Usage, `${user} is the administrator in DATABASE_URL as well.`, {
    next: "Give the migrator and the application roles of their own.",
  });
}

/** Roles and database are the server's, so they are made from the administrator's own database. */
async function onServer(client: pg.Client, migrator: DatabaseTarget, app: DatabaseTarget, log: Log) {
  const made = {
    [`role ${migrator.user}`]: await ensureRole(client, migrator, log),
    [`role ${app.user}`]: await ensureRole(client, app, log),
    [`database ${migrator.database}`]: await makeDatabase(client, migrator, app, log),
  };
  return Object.keys(made).filter((name) => made[name] === "created");
}

async function makeDatabase(client: pg.Client, migrator: DatabaseTarget, app: DatabaseTarget, log: Log) {
  const role = quote(migrator.user);
  const { rows } = await client.query<{ superuser: boolean }>(
    "SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = current_user",
  );
  const superuser = rows[0]?.superuser === true;
  // Only a superuser may give a database to a role it is no member of.
  if (!superuser) await client.query(`GRANT ${role} TO CURRENT_USER`);
  // To see which sessions hold locks and which releases are alive.
  await client.query(`GRANT pg_read_all_stats TO ${role}`);
  // An autovacuum gives way only to a session that waited deadlock_timeout (1 s) for it, longer than our
  // lock_timeout. With this right the migrator shortens it; only a superuser can give it.
  if (superuser) await client.query(`GRANT SET ON PARAMETER deadlock_timeout TO ${role}`);
  return ensureDatabase(client, migrator, app, log);
}

function checkTargets(migrator: DatabaseTarget, app: DatabaseTarget): void {
  if (migrator.database !== app.database) {
    throw new MigratorError(
      ExitCode.Usage,
      `MIGRATOR_DATABASE_URL names the database ${migrator.database}, APP_DATABASE_URL ${app.database}.`,
      { next: "Both must name the same one." },
    );
  }
  if (migrator.user === app.user) {
    throw new MigratorError(
      ExitCode.Usage,
      `MIGRATOR_DATABASE_URL and APP_DATABASE_URL have the same user.`,
      {
        next: "The application must not be able to change the schema: give it a role of its own.",
      },
    );
  }
}
