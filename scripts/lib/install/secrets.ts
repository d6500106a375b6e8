import { randomBytes } from "node:crypto";
import { apply, coreApi } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";

const host = "postgres:5432";
const database = "blog";

/** Makes the three Secrets the charts refer to, with passwords nobody ever sees; those that exist are kept. */
export async function createSecrets(cluster: Cluster, namespace: string): Promise<void> {
  const { items } = await coreApi(cluster).listNamespacedSecret({ namespace });
  const existing = new Set(items.map(({ metadata }) => metadata?.name));
  const admin = password();
  const wanted = [
    secret(namespace, "postgres-admin", {
      password: admin,
      DATABASE_URL: url("postgres", admin, "postgres"),
    }),
    secret(namespace, "blog-migrator-database", { DATABASE_URL: url("blog_migrator", password(), database) }),
    secret(namespace, "blog-app-database", { DATABASE_URL: url("blog_app", password(), database) }),
  ].filter(({ metadata }) => !existing.has(metadata.name));
  if (wanted.length > 0) await apply(cluster, ...wanted);
}

const password = () => randomBytes(24).toString("base64url");
const url = (user: string, pass: string, name: string) => `postgres://${user}:${pass}@${host}/${name}`;

/** A Secret to apply; `stringData` is what it holds, as text. */
export const secret = (namespace: string, name: string, stringData: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  type: "Opaque",
  stringData,
});
