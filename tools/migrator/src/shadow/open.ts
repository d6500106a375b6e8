import { randomBytes } from "node:crypto";
import { databaseUrl } from "../database/url.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { quote } from "../record/tables.ts";
import { keepSecret } from "../redact.ts";
import { connectShadow, type ShadowSession } from "./connect.ts";
import { contents, dropNew, firstInUse } from "./contents.ts";
import { startScratch } from "./scratch.ts";
import { identityOf, type Surroundings } from "./surroundings.ts";

export interface Shadow {
  url: string;
  /** What it is, for people. */
  description: string;
  /** PostgreSQL's version, as `18.4`. */
  version: string;
}

/**
 * Lends a database that nobody uses. Of a URL: one of a random name beside the database it names, dropped afterwards,
 * or, where the role may create none, that database itself, which must be empty and is empty again afterwards.
 * Without a URL: one in a PostgreSQL started for it.
 */
export async function withShadow<T>(
  given: string | undefined,
  surroundings: Surroundings,
  use: (shadow: Shadow) => Promise<T>,
): Promise<T> {
  if (given === undefined) {
    const scratch = await startScratch(surroundings.roles);
    try {
      return await prepared(scratch.url, "a scratch", surroundings, use);
    } finally {
      await scratch.stop();
    }
  }
  keepSecret(given);
  const url = databaseUrl(given, "--shadow");
  const admin = await connectShadow(url);
  try {
    const [role] = await admin.sql<{ may: boolean }>(
      "SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user",
    );
    const lend = role?.may ? inNewDatabase : inEmptyDatabase;
    return await lend(admin, url, surroundings, use);
  } finally {
    await admin.end();
  }
}

type Lend = <T>(
  admin: ShadowSession,
  url: string,
  surroundings: Surroundings,
  use: (shadow: Shadow) => Promise<T>,
) => Promise<T>;

const inNewDatabase: Lend = async (admin, url, surroundings, use) => {
  const name = `migrator_shadow_${randomBytes(6).toString("hex")}`;
  await admin.sql(`CREATE DATABASE ${quote(name)}`);
  try {
    const target = new URL(url);
    target.pathname = `/${name}`;
    return await prepared(target.href, "a throw-away database of --shadow, on", surroundings, use);
  } finally {
    await admin.sql(`DROP DATABASE ${quote(name)} WITH (FORCE)`);
  }
};

const inEmptyDatabase: Lend = async (admin, url, surroundings, use) => {
  const [row] = await admin.sql<{ identity: string; locked: boolean }>(
    `SELECT ${identityOf} AS identity, pg_try_advisory_lock(hashtext('schema-rollout/shadow')) AS locked`,
  );
  if (row?.identity === surroundings.identity) throw unusable("is the database in DATABASE_URL itself");
  if (row?.locked !== true) throw unusable("is being used by another run at this moment");
  const before = await contents(admin.sql);
  const found = firstInUse(before);
  if (found !== undefined) throw unusable(`is not empty: it has the ${found.type} ${found.identity}`);
  try {
    return await prepared(url, "the empty database of --shadow, on", surroundings, use);
  } finally {
    await dropNew(admin.sql, before);
  }
};

const unusable = (why: string) =>
  new MigratorError(
    ExitCode.Usage,
    `The database in --shadow ${why}, and its role may not create another one.`,
    { next: "Name an empty database, or give the role CREATEDB." },
  );

async function prepared<T>(
  url: string,
  what: string,
  { schemas, searchPath }: Surroundings,
  use: (shadow: Shadow) => Promise<T>,
): Promise<T> {
  const session = await connectShadow(url);
  let version: string;
  try {
    for (const schema of schemas) await session.sql(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`);
    const [row] = await session.sql<{ server_version: string }>("SHOW server_version");
    version = row?.server_version.split(" ")[0] ?? "";
  } finally {
    await session.end();
  }
  return use({
    url: withSearchPath(url, searchPath),
    description: `${what} PostgreSQL ${version}`,
    version,
  });
}

/** As a start-up option, so that the RESET ALL before each migration brings it back. */
function withSearchPath(url: string, searchPath: string | undefined): string {
  if (searchPath === undefined) return url;
  const target = new URL(url);
  const options = target.searchParams.get("options");
  const setting = `-c search_path=${searchPath.replaceAll(/([\\ ])/g, "\\$1")}`;
  target.searchParams.set("options", options === null ? setting : `${options} ${setting}`);
  return target.href;
}
