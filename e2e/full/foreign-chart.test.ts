import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { helm, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { installDatabase } from "@schema-rollout/scripts/lib/install/database.ts";
import { freshNamespace, removeNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { root } from "@schema-rollout/scripts/lib/paths.ts";
import { releaseFacts } from "@schema-rollout/scripts/lib/release/releases.ts";
import { releaseValues } from "@schema-rollout/scripts/lib/release/values.ts";
import type { Stage } from "@schema-rollout/scripts/lib/stage.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { watchForFailure } from "../scenario/evidence.ts";
import { theStage } from "../scenario/stage.ts";

/** The gate in somebody else's chart, and without any: charts/examples, with the blog as the foreign service. */
const namespace = "e2e-foreign";
let stage: Stage;

beforeAll(async () => {
  stage = await theStage();
  watchForFailure(stage.cluster, namespace);
});
beforeEach(async () => {
  await freshNamespace(stage.cluster, namespace);
  await installDatabase(stage.cluster, namespace, stage.images);
});
afterAll(() => removeNamespace(stage.cluster, namespace));

const imagesOf = (release: string) => {
  const images = stage.images.releases[release];
  if (!images) throw new Error(`no images of ${release}`);
  return images;
};
const rolledOut = () =>
  kubectl(stage.cluster, ["-n", namespace, "rollout", "status", "deployment/orders", "--timeout=120s"]);

/** What the gates of all pods ended with. */
async function gateMessages(): Promise<string[]> {
  const path = '{range .items[*]}{.status.initContainerStatuses[0].state.terminated.message}{"\\n"}{end}';
  const pods = ["-n", namespace, "get", "pods", "-l", "app.kubernetes.io/name=orders", "-o"];
  const { stdout } = await kubectl(stage.cluster, [...pods, `jsonpath=${path}`]);
  return stdout.trim().split("\n");
}

test("a foreign chart of a few lines more: its pods wait for its migration, at the first install and at an upgrade", async () => {
  for (const release of ["v1", "v2"]) {
    const facts = await releaseFacts(release);
    const values = releaseValues({ facts, ...imagesOf(release), waitForJob: stage.images.waitForJob });
    const settings = ["--set", "database.app.role=blog_app", "--set", "port=3000"];
    await helm(
      stage.cluster,
      ["upgrade", "--install", "orders", "charts/examples/orders", "-n", namespace, "-f", "-", ...settings],
      JSON.stringify(values),
    );
    await rolledOut();
    expect(await gateMessages()).toContainEqual(
      expect.stringMatching(new RegExp(`^Open: ${facts.schemaKey} is recorded`)),
    );
  }
});

test("the same as plain manifests, changed as their README says", async () => {
  const facts = await releaseFacts("v2");
  const { blog, migrations } = imagesOf("v2");
  const folder = join(root, "charts/examples/plain");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
  const manifests = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const mine = manifests
    .join("\n---\n")
    .replaceAll("registry.example/orders-migrations:2f1c0a9d", migrations)
    .replaceAll("registry.example/orders:1.4.0", blog)
    .replaceAll("registry.example/wait-for-job:0.1.0", stage.images.waitForJob)
    .replaceAll("AddDiscounts1760000000000", facts.schemaKey)
    .replaceAll("1760000000000", facts.level)
    .replaceAll("namespace: orders", `namespace: ${namespace}`)
    .replaceAll("orders-migrator-database", "blog-migrator-database")
    .replaceAll("orders-database", "blog-app-database")
    .replaceAll("orders_app", "blog_app")
    .replaceAll("8080", "3000");
  await kubectl(stage.cluster, ["-n", namespace, "apply", "-f", "-"], mine);
  await rolledOut();
  expect(await gateMessages()).toEqual(
    Array(3).fill(expect.stringMatching(new RegExp(`^Open: ${facts.schemaKey} is recorded`))),
  );
});
