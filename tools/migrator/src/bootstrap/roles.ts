import type pg from "pg";
import type { DatabaseTarget } from "../database/url.ts";
import type { Log } from "../log.ts";
import { quote } from "../record/tables.ts";
import type { Before } from "./checks.ts";
import type { Names } from "./names.ts";
import { scramVerifier } from "./scram.ts";
import { closeToPublic } from "./take-over.ts";

/** Creates a login role, or gives an existing one the password of the URL. */
export async function ensureRole(
  client: pg.Client,
  target: DatabaseTarget,
  log: Log,
): Promise<"created" | "kept"> {
  const role = quote(target.user);
  const verifier = client.escapeLiteral(scramVerifier(target.password));
  const { rowCount } = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [target.user]);
  const exists = rowCount === 1;
  await client.query(`${exists ? "ALTER" : "CREATE"} ROLE ${role} LOGIN PASSWORD ${verifier}`);
  log.info({ role: target.user }, exists ? "role is there; password set" : "role created");
  return exists ? "kept" : "created";
}

/** Creates the database, or makes an existing one the migrator's. Only the named roles may connect to it. */
export async function ensureDatabase(
  client: pg.Client,
  names: Names,
  { owner }: Before,
  log: Log,
): Promise<"created" | "kept"> {
  const { migrator } = names;
  const database = quote(migrator.database);
  const ours = quote(migrator.user);
  if (owner === undefined) await client.query(`CREATE DATABASE ${database} OWNER ${ours}`);
  else if (owner !== migrator.user) {
    // What was granted to the former owner goes to the new one, so this comes after, and in the same transaction.
    await client.query("BEGIN");
    await client.query(`ALTER DATABASE ${database} OWNER TO ${ours}`);
    await client.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO ${quote(owner)}`);
    await client.query("COMMIT");
    log.warn({ database: migrator.database, owner }, `${migrator.user} owns the database from now on`);
  }
  if (owner === undefined) await closeNew(client, names);
  else await closeToPublic(client, names, log);
  log.info({ database: migrator.database }, owner === undefined ? "database created" : "database is there");
  return owner === undefined ? "created" : "kept";
}

/** Nobody has used it yet. */
async function closeNew(client: pg.Client, { migrator, app }: Names): Promise<void> {
  const database = quote(migrator.database);
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${quote(app.user)}`);
}
