import { join } from "node:path";
import { BatchV1Api, CoreV1Api, type V1Job, type V1Pod } from "@kubernetes/client-node";
import { apply, helm, kubeConfig, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { deployBlog } from "@schema-rollout/scripts/lib/install/blog.ts";
import { databaseStatus, installDatabase } from "@schema-rollout/scripts/lib/install/database.ts";
import { queryDatabase, withDatabase } from "@schema-rollout/scripts/lib/install/database-session.ts";
import { freshNamespace, leaveNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { waitForBlog } from "@schema-rollout/scripts/lib/install/ready.ts";
import { seed } from "@schema-rollout/scripts/lib/install/seed.ts";
import { databaseFromTemplate } from "@schema-rollout/scripts/lib/install/shared-database.ts";
import type { Summary } from "@schema-rollout/scripts/lib/load/summary.ts";
import { artifacts } from "@schema-rollout/scripts/lib/paths.ts";
import {
  type Proof,
  proveUnderLoad,
  type UnderLoadOptions,
} from "@schema-rollout/scripts/lib/rollout/under-load.ts";
import type { Stage } from "@schema-rollout/scripts/lib/stage.ts";
import { resolveTool } from "@schema-rollout/toolchain";
import type { Client } from "pg";
import { keepEvidence, watchForFailure } from "./evidence.ts";
import { laneOn } from "./lane.ts";
import { leaveOthers } from "./others.ts";
import { theStage } from "./stage.ts";

const replicas = 3;
const quietly = () => {};

/** The blog of one scenario, in a namespace of its own. */
export type Blog = Awaited<ReturnType<typeof installBlog>>;

export interface Setting {
  /** The Helm of the scenario. */
  helm?: "helm" | "helm3";
  /**
   * "shared", and without it: a copy of a database that has the release's schema and posts already, on a server all
   * scenarios use. "own": a PostgreSQL of its own and an empty database, as a newcomer installs it.
   */
  database?: "shared" | "own";
  /** Release whose schema and posts a shared database has; the installed one's without it. */
  schema?: string;
  /** Another stage than the one all scenarios share. */
  stage?: Stage;
}

/** Installs a release with its posts, and hands it to the scenario. A test that fails leaves evidence of it. */
export async function installBlog(
  scenario: string,
  release: string,
  { helm: helmTool = "helm", database = "shared", schema = release, stage }: Setting = {},
) {
  const { cluster: made, images } = stage ?? (await theStage());
  const cluster = { ...made, helm: (await resolveTool(helmTool)).path };
  const namespace = `e2e-${scenario}`;
  const lane = laneOn(cluster);
  const { url, nodePort } = lane;
  const config = kubeConfig(cluster);
  const core = config.makeApiClient(CoreV1Api);
  const batch = config.makeApiClient(BatchV1Api);
  const labelSelector = "app.kubernetes.io/instance=blog";

  const deploy = (to: string, ...helmArgs: string[]) =>
    deployBlog(cluster, { namespace, release: to, images, nodePort, helmArgs });
  const settled = () => waitForBlog(cluster, namespace, url, () => {});

  /** Load from the first move to the verdict; the moves are the scenario's, and so may the load be. */
  async function load(
    from: string,
    to: string,
    moves: (proof: Proof) => Promise<void>,
    more: Pick<UnderLoadOptions, "rates" | "share" | "leastRequests"> = {},
  ): Promise<Summary> {
    const k6 = (await resolveTool("k6")).path;
    const folder = join(artifacts, "e2e", scenario);
    const { share } = lane;
    const setting = { cluster, namespace, url, k6, from, to, replicas, folder, share };
    const proof = await proveUnderLoad({ ...setting, ...more });
    try {
      await moves(proof);
      return await proof.verdict(quietly);
    } finally {
      await proof.end();
    }
  }

  const ended = await leaveOthers(cluster, lane, namespace);
  await freshNamespace(cluster, namespace, lane.labels);
  watchForFailure(cluster, namespace);
  try {
    if (database === "own") await installDatabase(cluster, namespace, images);
    else await databaseFromTemplate(cluster, images, namespace, schema);
    await deploy(release);
    await settled();
    if (database === "own") await seed(cluster, namespace, images.releases[release]?.migrations ?? "");
    await ended();
  } catch (error) {
    await keepEvidence("installing it");
    throw error;
  }

  return {
    cluster,
    namespace,
    url,
    /** `helm upgrade` to another release, or the same with other values. */
    deploy,
    rollback: (revision: number) => helm(cluster, ["rollback", "blog", String(revision), "-n", namespace]),
    /** `helm test`: the chart's own check, from inside the cluster. */
    helmTest: () => helm(cluster, ["test", "blog", "-n", namespace, "--timeout", "2m"]),
    databaseStatus: (where = namespace) => databaseStatus(cluster, where),
    /** Every pod is ready and none is being replaced. */
    settled,
    async webPods(): Promise<V1Pod[]> {
      const selector = `${labelSelector},app.kubernetes.io/component=web`;
      const { items } = await core.listNamespacedPod({ namespace, labelSelector: selector });
      return items.filter((pod) => !pod.metadata?.deletionTimestamp);
    },
    /** Every container of the Job's pods that has ended, oldest first: exit codes and reasons. */
    async jobAttempts(job: string): Promise<(number | undefined)[]> {
      const { items } = await core.listNamespacedPod({
        namespace,
        labelSelector: `batch.kubernetes.io/job-name=${job}`,
      });
      const started = (pod: V1Pod) => pod.metadata?.creationTimestamp?.getTime() ?? 0;
      return items
        .sort((a, b) => started(a) - started(b))
        .map(({ status }) => status?.containerStatuses?.[0]?.state?.terminated?.exitCode);
    },
    /** Removes a pod as an eviction does; the Deployment makes another. */
    evict: (pod: V1Pod) =>
      core.createNamespacedPodEviction({
        namespace,
        name: pod.metadata?.name ?? "",
        body: { metadata: { name: pod.metadata?.name ?? "", namespace } },
      }),
    deleteJob: (name: string) => kubectl(cluster, ["-n", namespace, "delete", "job", name]),
    apply: (...objects: object[]) => apply(cluster, ...objects),
    kubectl: (...args: string[]) => kubectl(cluster, ["-n", namespace, ...args]),
    gateLog: (pod: V1Pod) =>
      core.readNamespacedPodLog({
        namespace,
        name: pod.metadata?.name ?? "",
        container: "wait-for-migration",
      }),
    /** How the gates of pods that are not let in have ended so far. */
    async refusals(): Promise<{ version: string; exitCode: number; message: string }[]> {
      return (await this.webPods()).flatMap((pod) => {
        const gate = pod.status?.initContainerStatuses?.find(({ name }) => name === "wait-for-migration");
        const { exitCode = 0, message = "" } = gate?.state?.terminated ?? gate?.lastState?.terminated ?? {};
        const version = pod.metadata?.labels?.["app.kubernetes.io/version"] ?? "";
        return exitCode === 0 ? [] : [{ version, exitCode, message }];
      });
    },
    async jobs(): Promise<V1Job[]> {
      return (await batch.listNamespacedJob({ namespace, labelSelector })).items;
    },
    /** The Jobs, once none of them runs any more. */
    async finishedJobs(): Promise<V1Job[]> {
      await kubectl(cluster, [
        "-n",
        namespace,
        "wait",
        "job",
        "-l",
        labelSelector,
        "--for=condition=complete",
        "--timeout=60s",
      ]);
      return (await batch.listNamespacedJob({ namespace, labelSelector })).items;
    },
    /** Asks the blog's database, as the role that owns the schema. */
    query: (sql: string) => queryDatabase(cluster, namespace, sql),
    /** A session of that role, for what must be kept open. */
    session: <T>(use: (client: Client) => Promise<T>) => withDatabase(cluster, namespace, use),
    /** The same as the server's administrator, who may end the sessions of others. */
    adminSession: <T>(use: (client: Client) => Promise<T>) => withDatabase(cluster, namespace, use, "admin"),
    load,
    /** The whole proof: load, plain restart, the order given, verdict. */
    underLoad: (from: string, to: string, order: () => Promise<unknown>): Promise<Summary> =>
      load(from, to, async (proof) => {
        await proof.steady();
        await proof.restart(quietly);
        await proof.upgrade(order, quietly);
      }),
    /** The same without a restart to compare with: for what must go red, whatever a rollout takes. */
    brieflyUnderLoad: (from: string, to: string, ...helmArgs: string[]): Promise<Summary> =>
      load(from, to, async (proof) => {
        await proof.steady(4_000);
        await proof.upgrade(() => deploy(to, ...helmArgs), quietly);
      }),
    /** Begins it; the next scenario waits for the end while it installs its own. */
    remove: () => leaveNamespace(cluster, namespace),
  };
}
