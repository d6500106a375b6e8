import { spawn } from "node:child_process";
import pg from "pg";
import { coreApi } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";

/** One query to the blog's database, as the role that owns the schema. */
export const queryDatabase = (
  cluster: Cluster,
  namespace: string,
  sql: string,
): Promise<Record<string, unknown>[]> =>
  withDatabase(cluster, namespace, async (client) => (await client.query(sql)).rows);

/** Secrets with the URLs of two roles: the one that owns the schema, and the server's administrator. */
const secrets = { owner: "blog-migrator-database", admin: "postgres-admin" } as const;

/** A session for as long as `use` takes, through a port-forward: the image has no psql. */
export const withDatabase = <T>(
  cluster: Cluster,
  namespace: string,
  use: (client: pg.Client) => Promise<T>,
  role: keyof typeof secrets = "owner",
): Promise<T> =>
  withDatabaseUrl(
    cluster,
    namespace,
    async (url) => {
      const client = new pg.Client({
        connectionString: url,
        // As the role that owns the schema it would keep the gate of each contract closed: the migrator's sessions do not.
        application_name: "migrator observer",
        connectionTimeoutMillis: 10_000,
      });
      // Of a connection that breaks while nothing is asked. The next query fails; without a listener this process would end.
      client.on("error", () => {});
      await client.connect();
      try {
        return await use(client);
      } finally {
        await client.end();
      }
    },
    role,
  );

/** The URL of a role as it holds on this machine, for as long as `use` takes. */
export async function withDatabaseUrl<T>(
  cluster: Cluster,
  namespace: string,
  use: (url: string) => Promise<T>,
  role: keyof typeof secrets = "owner",
): Promise<T> {
  const secret = await coreApi(cluster).readNamespacedSecret({ namespace, name: secrets[role] });
  const url = new URL(Buffer.from(secret.data?.DATABASE_URL ?? "", "base64").toString());
  const { kubeconfig, context, kubectl } = cluster;
  // A name in the cluster: the Service, and its namespace where that is another.
  const [service, home = namespace] = url.hostname.split(".");
  const where = ["--kubeconfig", kubeconfig, "--context", context, "-n", home];
  const forward = spawn(kubectl, [...where, "port-forward", `service/${service}`, ":5432"]);
  try {
    url.host = await addressOf(forward);
    return await use(url.href);
  } finally {
    forward.kill();
  }
}

/** kubectl picks a free port and says which. */
function addressOf(forward: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((done, failed) => {
    let said = "";
    for (const stream of [forward.stdout, forward.stderr]) {
      stream?.on("data", (text) => {
        said += text;
        const address = /127\.0\.0\.1:\d+/.exec(said)?.[0];
        if (address) done(address);
      });
    }
    forward.on("error", failed).on("exit", () => failed(new Error(`kubectl port-forward ended: ${said}`)));
  });
}
