import type { ScratchPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";

export const owner = { name: "bench_migrator", password: "bench" };

export async function connect(url: string, applicationName = "bench"): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: applicationName });
  await client.connect();
  return client;
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** The role that migrates: no superuser, as in life. */
export const createOwner = (server: ScratchPostgres) =>
  withClient(server.adminUrl, async (admin) => {
    await admin.query(`CREATE ROLE ${owner.name} LOGIN PASSWORD '${owner.password}'`);
    await admin.query(`GRANT pg_read_all_stats TO ${owner.name}`);
    await admin.query(`GRANT SET ON PARAMETER deadlock_timeout TO ${owner.name}`);
  });

export const urlOf = (server: ScratchPostgres, database: string) =>
  server.url(database, owner.name, owner.password);

/** An empty database of the owner's, or a copy of one; whatever ran before leaves nothing to be written out. */
export const createDatabase = (server: ScratchPostgres, name: string, template?: string) =>
  withClient(server.adminUrl, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    const from = template ? ` TEMPLATE ${template} STRATEGY FILE_COPY` : "";
    await admin.query(`CREATE DATABASE ${name} OWNER ${owner.name}${from}`);
    await admin.query("CHECKPOINT");
  });

export const dropDatabase = (server: ScratchPostgres, name: string) =>
  withClient(server.adminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));

/** Posts of about 250 bytes. */
export const fillPosts = (client: pg.Client, rows: number) =>
  client.query(
    `INSERT INTO posts (title, body)
     SELECT 'Post number ' || i, repeat(md5(i::text), 5) || left(md5((-i)::text), 16) FROM generate_series(1, $1::int) AS i`,
    [rows],
  );

/** Bytes of one row on disk, with its header. */
export async function bytesPerRow(client: pg.Client, rows: number): Promise<number> {
  const { rows: found } = await client.query<{ bytes: string }>("SELECT pg_relation_size('posts') AS bytes");
  return Math.round(Number(found[0]?.bytes) / rows);
}
