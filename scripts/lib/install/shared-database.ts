import type { Client } from "pg";
import { apply, coreApi, kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { imageValues } from "../images/build.ts";
import type { Images } from "../images/index.ts";
import { databaseStatus, installDatabase } from "./database.ts";
import { withDatabase } from "./database-session.ts";
import { runMigrator } from "./migrator-job.ts";
import { freshNamespace } from "./namespace.ts";
import { secret } from "./secrets.ts";
import { seed } from "./seed.ts";

/**
 * One PostgreSQL for the scenarios, and cells of the lab, that leave the server alone. It stays when they are done, as the
 * cluster does: the next run finds it. Not named e2e-… or lab-…, whose like are removed before each.
 */
const home = "shared-database";
/** What `migrator bootstrap` made there: the roles' rights and nothing else. */
const pristine = "blog";
const secrets = ["blog-migrator-database", "blog-app-database", "postgres-admin"] as const;

/**
 * Gives a namespace a database of its own with a release's schema and posts: a copy, made in a moment, of one in which
 * migrations and seed have run once. The Secrets that the charts refer to lead there.
 */
export async function databaseFromTemplate(
  cluster: Cluster,
  images: Images,
  namespace: string,
  release: string,
): Promise<void> {
  await ensureSharedDatabase(cluster, images);
  await withDatabase(cluster, home, (admin) => copyFor(admin), "admin");

  async function copyFor(admin: Client): Promise<void> {
    const image = images.releases[release]?.migrations ?? "";
    // By the content of its migrations' image: when they change, a new template is made.
    const template = `template_${release.replaceAll("-", "_")}_${imageValues(image).tag}`;
    // Another scenario may be making the same one.
    await admin.query("SELECT pg_advisory_lock(hashtext($1))", [template]);
    const made = await admin.query("SELECT FROM pg_database WHERE datname = $1 AND datistemplate", [
      template,
    ]);
    if (made.rowCount === 0) {
      await copy(admin, pristine, template);
      await leadTo(cluster, namespace, template);
      await fill(cluster, namespace, image);
      await admin.query(`ALTER DATABASE ${template} IS_TEMPLATE true`);
    }
    await admin.query("SELECT pg_advisory_unlock(hashtext($1))", [template]);
    await copy(admin, template, databaseOf(namespace));
    await leadTo(cluster, namespace, databaseOf(namespace));
  }
}

/** Installs it where it is not there. Before scenarios that run beside each other: each would find none. */
export async function ensureSharedDatabase(cluster: Cluster, images: Images): Promise<void> {
  if (await isShared(cluster)) return;
  await freshNamespace(cluster, home);
  await installDatabase(cluster, home, images);
}

/** Whether it is there. */
export const isShared = async (cluster: Cluster): Promise<boolean> =>
  (await databaseStatus(cluster, home)) === "deployed";

/** Nobody needs the copies of scenarios that are over. */
export const dropDatabases = (cluster: Cluster, namespaces: readonly string[]): Promise<void> =>
  withDatabase(
    cluster,
    home,
    async (admin) => {
      for (const namespace of namespaces) await drop(admin, databaseOf(namespace));
    },
    "admin",
  );

const databaseOf = (namespace: string) => namespace.replaceAll("-", "_");
const drop = (admin: Client, database: string) =>
  admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);

/** Who may connect to a database is not kept in it, so a copy begins without it. */
async function copy(admin: Client, from: string, to: string): Promise<void> {
  // One that an interrupted run has left.
  await drop(admin, to);
  await admin.query(`CREATE DATABASE ${to} TEMPLATE ${from} OWNER blog_migrator`);
  await admin.query(`REVOKE ALL ON DATABASE ${to} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT ON DATABASE ${to} TO blog_app`);
}

async function leadTo(cluster: Cluster, namespace: string, database: string): Promise<void> {
  const leading = secrets.map(async (name) => {
    const { data } = await coreApi(cluster).readNamespacedSecret({ namespace: home, name });
    const url = new URL(Buffer.from(data?.DATABASE_URL ?? "", "base64").toString());
    url.hostname = `postgres.${home}`;
    if (name !== "postgres-admin") url.pathname = `/${database}`;
    return secret(namespace, name, { DATABASE_URL: url.href });
  });
  await apply(cluster, ...(await Promise.all(leading)));
}

async function fill(cluster: Cluster, namespace: string, image: string): Promise<void> {
  await runMigrator(cluster, namespace, {
    name: "blog-template",
    image,
    args: ["up", "--reader", "blog_app"],
    secret: "blog-migrator-database",
    component: "template",
    purpose: "make the template",
  });
  await seed(cluster, namespace, image);
  await kubectl(cluster, ["-n", namespace, "delete", "job", "blog-template", "blog-seed"]);
}
