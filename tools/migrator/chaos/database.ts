import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PostgresVersion, type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";

/** Whoever looks or writes says that it knows every schema: a contract waits for nobody of us. */
const current = "chaos@9999999999999";
const migratorRole = "chaos_migrator";
/** The service's own role. */
export const appRole = "chaos_app";
export const password = randomBytes(12).toString("hex");

export interface Lab {
  server: ScratchPostgres;
  /** A superuser's sessions on no trial's database. */
  admin: pg.Pool;
  createDatabase(name: string, template?: string): Promise<Database>;
  stop(): Promise<void>;
}

export interface Database {
  name: string;
  /** The migrator's. */
  url: string;
  /** Rows of one statement in the superuser's session, which is kept. */
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** A session of its own; ended by whoever asked for it. */
  session(as?: { role?: string; name?: string }): Promise<pg.Client>;
  /** Ends the superuser's session: nobody may be in a database that is copied. */
  leave(): Promise<void>;
  drop(): Promise<void>;
}

/** A server with the roles of a service in it. `host` is an address it listens on besides the loopback. */
export async function startLab(version: PostgresVersion, host?: string): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), "migrator-chaos-hba-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const hba = join(folder, "pg_hba.conf");
  await writeFile(hba, "host all all 127.0.0.1/32 password\nhost all all 198.18.0.0/15 password\n");
  const server = await startPostgres({
    version,
    settings: {
      // Nothing here has to outlive a power cut.
      fsync: "off",
      full_page_writes: "off",
      hba_file: hba,
      listen_addresses: ["127.0.0.1", host].filter(Boolean).join(","),
    },
  });
  const admin = new pg.Pool({ connectionString: server.adminUrl, max: 4 });
  // It ends with its server.
  admin.on("error", () => {});
  for (const role of [migratorRole, appRole])
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  await admin.query(`GRANT pg_read_all_stats TO ${migratorRole}`);
  return {
    server,
    admin,
    async createDatabase(name, template) {
      const from = template ? ` TEMPLATE ${template}` : "";
      await admin.query(`CREATE DATABASE ${name}${from} OWNER ${migratorRole} STRATEGY file_copy`);
      return openDatabase(server, admin, name);
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}

async function openDatabase(server: ScratchPostgres, admin: pg.Pool, name: string): Promise<Database> {
  const connect = async (role: string | undefined, applicationName: string) => {
    const url = role === undefined ? server.url(name) : server.url(name, role, password);
    const client = new pg.Client({ connectionString: url, application_name: applicationName });
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  let own: Promise<pg.Client> | undefined;
  const leave = async () => {
    await (await own)?.end();
    own = undefined;
  };
  return {
    name,
    url: server.url(name, migratorRole, password),
    async query(text, values) {
      own ??= connect(undefined, current);
      return (await (await own).query(text, values)).rows;
    },
    session: ({ role, name: applicationName = current } = {}) => connect(role, applicationName),
    leave,
    async drop() {
      await leave();
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** The same database by another address of its server. */
export function through(url: string, host: string): string {
  const way = new URL(url);
  way.hostname = host;
  return way.href;
}
