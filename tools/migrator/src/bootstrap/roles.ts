import type pg from "pg";
import type { DatabaseTarget } from "../database/url.ts";
import type { Log } from "../log.ts";
import { quote } from "../record/tables.ts";
import { scramVerifier } from "./scram.ts";

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
  migrator: DatabaseTarget,
  app: DatabaseTarget,
  log: Log,
): Promise<"created" | "kept"> {
  const database = quote(migrator.database);
  const owner = quote(migrator.user);
  const { rows } = await client.query<{ owner: string }>(
    "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1",
    [migrator.database],
  );
  const [found] = rows;
  if (found === undefined) await client.query(`CREATE DATABASE ${database} OWNER ${owner}`);
  else if (found.owner !== migrator.user) await client.query(`ALTER DATABASE ${database} OWNER TO ${owner}`);
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${quote(app.user)}`);
  log.info({ database: migrator.database }, found === undefined ? "database created" : "database is there");
  return found === undefined ? "created" : "kept";
}
