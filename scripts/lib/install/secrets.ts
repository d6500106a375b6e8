import { randomBytes } from "node:crypto";
import { apply } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";

const host = "postgres:5432";
const database = "blog";

/** Makes the three Secrets the charts refer to, with passwords nobody ever sees. */
export async function createSecrets(cluster: Cluster, namespace: string): Promise<void> {
  const admin = password();
  await apply(
    cluster,
    secret(namespace, "postgres-admin", {
      password: admin,
      DATABASE_URL: url("postgres", admin, "postgres"),
    }),
    secret(namespace, "blog-migrator-database", { DATABASE_URL: url("blog_migrator", password(), database) }),
    secret(namespace, "blog-app-database", { DATABASE_URL: url("blog_app", password(), database) }),
  );
}

const password = () => randomBytes(24).toString("base64url");
const url = (user: string, pass: string, name: string) => `postgres://${user}:${pass}@${host}/${name}`;

const secret = (namespace: string, name: string, stringData: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  type: "Opaque",
  stringData,
});
