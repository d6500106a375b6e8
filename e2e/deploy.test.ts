import { kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { removeNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { root } from "@schema-rollout/scripts/lib/paths.ts";
import { sh } from "@schema-rollout/scripts/lib/shell.ts";
import { beforeAll, expect, test } from "vitest";
import { watchForFailure } from "./scenario/evidence.ts";
import { theStage } from "./scenario/stage.ts";

const namespace = "blog";
beforeAll(async () => {
  const { cluster } = await theStage();
  await removeNamespace(cluster, namespace);
  watchForFailure(cluster, namespace);
});

const deploy = (release: string) =>
  sh({ cwd: root, env: { ...process.env, RELEASE: release } })`${process.execPath} scripts/deploy.ts`;

test("make deploy installs database and blog, and the next one upgrades the blog and keeps database and data", async () => {
  const { cluster } = await theStage();
  const url = cluster.urls.demo;
  const database = ["-n", namespace, "get", "pod/postgres-0", "-o", "jsonpath={.metadata.uid}"];

  expect((await deploy("v1")).stdout).toContain(`The blog v1 answers at ${url}`);
  const post = await fetch(`${url}/api/posts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title: "Written to v1", body: "Read from v2" }),
  });
  const { stdout: before } = await kubectl(cluster, database);

  expect((await deploy("v2")).stdout).toContain("PostgreSQL is there");
  expect((await kubectl(cluster, database)).stdout).toBe(before);
  // The connection that wrote is kept alive, and leads to the old pod until that one has drained.
  await expect
    .poll(async () => (await fetch(`${url}${post.headers.get("location")}`)).json(), { timeout: 30_000 })
    .toMatchObject({ body: "Read from v2", category: null });
});
