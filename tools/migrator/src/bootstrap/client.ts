import pg from "pg";
import { ownPath } from "../database/search-path.ts";

/** Connects as the administrator, to another database of the same server when one is named. */
export async function withClient<T>(
  url: string,
  database: string | undefined,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const target = new URL(url);
  if (database !== undefined) target.pathname = `/${encodeURI(database)}`;
  const client = new pg.Client({
    connectionString: target.href,
    application_name: "migrator bootstrap",
    connectionTimeoutMillis: 10_000,
    // Nothing that is done here takes long, and a network that breaks without a word would take for ever.
    query_timeout: 45_000,
    keepAlive: true,
  });
  // A lost connection also fails the query that runs; without a listener it would end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    // As a superuser, perhaps, in a database where others could create what fits a name or an operator of ours.
    await client.query(ownPath);
    return await use(client);
  } finally {
    await client.end();
  }
}
