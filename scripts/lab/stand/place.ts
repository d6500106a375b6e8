import { join } from "node:path";
import { BatchV1Api, CoreV1Api } from "@kubernetes/client-node";
import type { Client } from "pg";
import { helm, kubeConfig, kubectl } from "../../lib/cluster/access.ts";
import type { Cluster } from "../../lib/cluster/index.ts";
import { Failure } from "../../lib/failure.ts";
import { withDatabase } from "../../lib/install/database-session.ts";
import { freshNamespace, leaveNamespace, nothingRunsIn } from "../../lib/install/namespace.ts";
import { waitForBlog } from "../../lib/install/ready.ts";
import { databaseFromTemplate, dropDatabases } from "../../lib/install/shared-database.ts";
import { saidBy } from "../../lib/shell.ts";
import { type Observer, observe } from "../measure/observe.ts";
import type { StrategyName } from "../strategies.ts";
import type { Stage } from "./stage.ts";

/** Where one cell is measured: a namespace, a database, and who watches both. */
export interface Place {
  stage: Stage;
  cluster: Cluster;
  namespace: string;
  url: string;
  strategy: StrategyName;
  folder: string;
  core: CoreV1Api;
  batch: BatchV1Api;
  observer: Observer;
  /** What the pipeline had to be allowed, in words. */
  needed: Set<string>;
  /** Whoever held a role's URL and was no pod: the Secret's name, by identity. */
  outside: Map<string, string>;
  /** Ends the migrator where it runs outside of the cluster. */
  killOutside?: () => void;
  kubectl(...args: string[]): Promise<string>;
  helm(...args: string[]): Promise<string>;
  /** One query as the role that owns the schema. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  session<T>(use: (client: Client) => Promise<T>): Promise<T>;
  /** Every replica is ready, and the blog answers. */
  settled(): Promise<void>;
  leave(): Promise<void>;
}

/** As few as can be rolled out without downtime: every cell waits for them several times. */
export const replicas = 2;

/** A namespace of its own with a database that has a release's schema and posts. */
export async function openPlace(
  stage: Stage,
  { strategy, trial, schema }: { strategy: StrategyName; trial: string; schema: string },
): Promise<Place> {
  const { cluster } = stage;
  const namespace = `lab-${strategy}-${trial}`;
  const url = cluster.urls.e2e;
  const config = kubeConfig(cluster);
  await freshNamespace(cluster, namespace);
  await databaseFromTemplate(cluster, stage.images, namespace, schema);
  const observer = await observe(config, namespace);
  const asking = heldSession(cluster, namespace);
  return {
    stage,
    cluster,
    namespace,
    url,
    strategy,
    folder: folderOf(stage, strategy, trial),
    core: config.makeApiClient(CoreV1Api),
    batch: config.makeApiClient(BatchV1Api),
    observer,
    needed: new Set(),
    outside: new Map(),
    kubectl: (...args) => told(kubectl(cluster, ["-n", namespace, ...args])),
    helm: (...args) => told(helm(cluster, [...args, "-n", namespace])),
    query: async (sql, values) => (await (await asking.client).query(sql, values)).rows,
    session: (use) => withDatabase(cluster, namespace, use),
    settled: () => waitForBlog(cluster, namespace, url, () => {}),
    async leave() {
      await observer.stop();
      await asking.end();
      // All cells share one port, which the next one wants while the rest of this namespace is still ending.
      await kubectl(cluster, ["-n", namespace, "delete", "services", "--all"]);
      const ending = leaveNamespace(cluster, namespace)
        .then(() => nothingRunsIn(cluster, namespace))
        .then(() => dropDatabases(cluster, [namespace]));
      // Whoever waits for it gets its failure; until then nobody need have asked.
      ending.catch(() => {});
      stage.ending = ending;
    },
  };
}

/** Where a cell's raw output goes. */
export const folderOf = ({ folder }: Stage, strategy: StrategyName, trial: string) =>
  join(folder, `${strategy}.${trial}`);

/** A session of the role that owns the schema, until it is told to end: a way to the database takes longer than what is asked. */
function heldSession(cluster: Cluster, namespace: string) {
  const opened = Promise.withResolvers<Client>();
  const over = Promise.withResolvers<void>();
  const held = withDatabase(cluster, namespace, (client) => {
    opened.resolve(client);
    return over.promise;
  }).catch(opened.reject);
  // Whoever asks hears of it.
  opened.promise.catch(() => {});
  return {
    client: opened.promise,
    async end() {
      over.resolve();
      await held;
    },
  };
}

/** What a command said; where it failed, that is a step of somebody's that failed. */
const told = async (running: Promise<{ stdout: string }>): Promise<string> =>
  running.then(
    ({ stdout }) => stdout,
    (error) => {
      throw new Failure(saidBy(error));
    },
  );
