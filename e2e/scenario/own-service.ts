import { join } from "node:path";
import { objectsOf, render, theOne } from "@schema-rollout/scripts/lib/charts/render.ts";
import { apply, coreApi, helm } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { installDatabase } from "@schema-rollout/scripts/lib/install/database.ts";
import { queryDatabase } from "@schema-rollout/scripts/lib/install/database-session.ts";
import { freshNamespace, leaveNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { waitForService } from "@schema-rollout/scripts/lib/install/ready.ts";
import { versionServed } from "@schema-rollout/scripts/lib/load/ask.ts";
import { readAdapter } from "@schema-rollout/scripts/lib/load/read-adapter.ts";
import type { Summary } from "@schema-rollout/scripts/lib/load/summary.ts";
import { artifacts } from "@schema-rollout/scripts/lib/paths.ts";
import { releaseValues } from "@schema-rollout/scripts/lib/release/values.ts";
import { type Proof, proveUnderLoad } from "@schema-rollout/scripts/lib/rollout/under-load.ts";
import { resolveTool } from "@schema-rollout/toolchain";
import { expect } from "vitest";
import { keepEvidence, watchForFailure } from "./evidence.ts";
import { laneOn } from "./lane.ts";
import { leaveOthers } from "./others.ts";
import type { Release, Subject } from "./own-images.ts";
import { theStage } from "./stage.ts";

/** Helm's name of it: another than the chart's, as anywhere. */
const helmRelease = "own-service";
const gate = "wait-for-migration";
const quietly = () => {};

/** Somebody's service in one scenario, in a namespace of its own. */
export type Installed = Awaited<ReturnType<typeof installService>>;

/** Installs one release of a service that is known by its chart and its adapter alone. */
export async function installService(scenario: string, subject: Subject, release: Release) {
  const { cluster, images } = await theStage();
  const namespace = `e2e-own-${scenario}`;
  const lane = laneOn(cluster);
  const { url, nodePort, share } = lane;
  const adapter = await readAdapter(subject.adapter);

  const valuesOf = ({ facts, app, migrations }: Release) => {
    const values = releaseValues({ facts, blog: app, migrations, waitForJob: images.waitForJob, nodePort });
    return { ...values, database: { ...values.database, app: { ...values.database.app, role: "blog_app" } } };
  };
  const valueFiles = subject.values ? [subject.values] : [];
  const rendered = async (of: Release) => {
    const values = valuesOf(of);
    const { chart } = subject;
    const text = await render({
      helm: cluster.helm,
      chart,
      release: helmRelease,
      namespace,
      valueFiles,
      values,
    });
    return objectsOf(text);
  };
  const deploy = (to: Release, ...settings: string[]) => {
    const files = valueFiles.flatMap((file) => ["-f", file]);
    const where = ["upgrade", "--install", helmRelease, subject.chart, "-n", namespace];
    return helm(cluster, [...where, ...files, "-f", "-", ...settings], JSON.stringify(valuesOf(to)));
  };

  // The Deployment with the gate is the service, whatever its name and labels.
  const gated = (await rendered(release)).filter(({ spec }) =>
    spec?.template?.spec?.initContainers?.some(({ name }: { name: string }) => name === gate),
  );
  const { metadata, spec } = theOne(gated, "Deployment");
  const labels: Record<string, string> = spec.selector.matchLabels;
  const service = {
    deployment: metadata?.name ?? "",
    pods: Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(","),
    jobs: `app.kubernetes.io/instance=${helmRelease}`,
    adapter: subject.adapter,
  };
  const awaited = { name: "The service", deployment: service.deployment, url, ready: adapter.ready };
  /** Every pod is ready, and none on its way out is left: it could still answer, as the release from before. */
  async function settled(): Promise<void> {
    await waitForService(cluster, namespace, awaited, quietly);
    const leaving = async () => {
      const { items } = await coreApi(cluster).listNamespacedPod({ namespace, labelSelector: service.pods });
      return items.flatMap(({ metadata }) => (metadata?.deletionTimestamp ? [metadata.name] : []));
    };
    await expect.poll(leaving, { timeout: 90_000, interval: 500 }).toEqual([]);
  }

  const ended = await leaveOthers(cluster, lane, namespace);
  await freshNamespace(cluster, namespace, lane.labels);
  watchForFailure(cluster, namespace);
  try {
    await installDatabase(cluster, namespace, images);
    await deploy(release);
    await settled();
    await ended();
  } catch (error) {
    await keepEvidence("installing it");
    throw error;
  }

  /** Load from the first move to the verdict. Releases go by the names they answer with. */
  async function load(moves: (proof: Proof) => Promise<void>): Promise<Summary> {
    const from = await versionServed(url, adapter);
    const k6 = (await resolveTool("k6")).path;
    const folder = join(artifacts, "e2e", `own-${scenario}`);
    const replicas: number = spec.replicas ?? 1;
    const setting = { cluster, namespace, service, url, k6, from, to: from, replicas, folder, share };
    const proof = await proveUnderLoad(setting);
    try {
      await moves(proof);
      return await proof.verdict(quietly, await versionServed(url, adapter).catch(() => from));
    } finally {
      await proof.end();
    }
  }

  return {
    deploy,
    rollback: (revision: number) =>
      helm(cluster, ["rollback", helmRelease, String(revision), "-n", namespace]),
    settled,
    /** Load, plain restart, the order given, backfills and contracts where the release has any, verdict. */
    underLoad: (order: () => Promise<unknown>): Promise<Summary> =>
      load(async (proof) => {
        await proof.steady();
        await proof.restart(quietly);
        await proof.upgrade(order, quietly);
        await proof.contract(quietly);
      }),
    /** The same without a restart to compare with, and without a contract. */
    brieflyUnderLoad: (order: () => Promise<unknown>): Promise<Summary> =>
      load(async (proof) => {
        await proof.steady(4_000);
        await proof.upgrade(order, quietly);
      }),
    /** The migrations of another release, by the very Job that its chart would bring, and nothing else of it. */
    migrationsAlone: (of: Release): Promise<Summary> =>
      load(async (proof) => {
        await proof.steady();
        const jobs = (await rendered(of)).filter(
          ({ metadata }) => metadata?.labels?.["app.kubernetes.io/component"] === "migration",
        );
        await proof.migration(() => apply(cluster, theOne(jobs, "Job")), quietly);
      }),
    /** Whether a migration is in the database's record. */
    applied: async (migration: string): Promise<boolean> =>
      (await queryDatabase(cluster, namespace, "SELECT name FROM migrations")).some(
        ({ name }) => name === migration,
      ),
    /** Begins it; the next scenario waits for the end while it installs its own. */
    remove: () => leaveNamespace(cluster, namespace),
  };
}
