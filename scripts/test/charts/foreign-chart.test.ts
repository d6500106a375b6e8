import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { describe, expect, test } from "vitest";
import { objectsOf, render, theOne } from "../../lib/charts/render.ts";
import { root } from "../../lib/paths.ts";

const chart = "charts/examples/orders";
const linesOf = async (file: string) =>
  (await readFile(join(root, chart, file), "utf8")).trimEnd().split("\n");

test("a foreign chart needs at most 15 lines for the gate", async () => {
  const dependency = (await linesOf("Chart.yaml")).join("\n").match(/^dependencies:[\s\S]*$/m)?.[0] ?? "";
  const manifests = await linesOf("templates/migration.yaml");
  const deployment = await linesOf("templates/deployment.yaml");
  // Those that name the library, and those that are only there for them.
  const owed = deployment.filter((line) =>
    /migration-gate|^\s+(initContainers|volumes|automountServiceAccountToken):/.test(line),
  );
  const lines = [...dependency.split("\n"), ...manifests, ...owed];
  expect(lines.length).toBeGreaterThanOrEqual(10);
  expect(lines.length).toBeLessThanOrEqual(15);
  // Nothing of the library is used anywhere else.
  for (const file of ["templates/service.yaml", "values.yaml"])
    expect((await linesOf(file)).filter((line) => /include "migration-gate/.test(line))).toEqual([]);
});

describe.each(["helm", "helm3"] as const)("with %s", async (tool) => {
  const { path: helm } = await resolveTool(tool, { onProgress: console.log });
  const objects = objectsOf(
    await render({
      helm,
      chart,
      release: "shop",
      namespace: "shop",
      valueFiles: [`${chart}/ci/values.yaml`],
      values: { release: { contract: true } },
    }),
  );

  test("it gets both Jobs, the accounts, the Role and its binding", () => {
    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      "Deployment",
      "Job",
      "Job",
      "Role",
      "RoleBinding",
      "Service",
      "ServiceAccount",
      "ServiceAccount",
    ]);
  });

  test("its Service and its Deployment, as helm create selects, do not take a Job's pod for their own", () => {
    const selectors = [
      theOne(objects, "Service").spec.selector,
      theOne(objects, "Deployment").spec.selector.matchLabels,
    ];
    for (const selector of selectors) {
      expect(Object.keys(selector)).toEqual(["app.kubernetes.io/name", "app.kubernetes.io/instance"]);
      for (const job of ["shop-orders-migrate-", "shop-orders-contract-"]) {
        const { labels } = theOne(objects, "Job", job).spec.template.metadata;
        expect(labels).not.toMatchObject(selector);
      }
      expect(theOne(objects, "Deployment").spec.template.metadata.labels).toMatchObject(selector);
    }
  });

  test("every name that is used is there", () => {
    const { spec } = theOne(objects, "Deployment").spec.template;
    const accounts = objects
      .filter(({ kind }) => kind === "ServiceAccount")
      .map(({ metadata }) => metadata?.name);
    expect(accounts).toContain(spec.serviceAccountName);
    expect(theOne(objects, "RoleBinding").subjects).toEqual([
      { kind: "ServiceAccount", name: spec.serviceAccountName, namespace: "shop" },
    ]);
    const [gate] = spec.initContainers;
    expect(objects.map(({ metadata }) => metadata?.name)).toContain(gate.args[0]);
    const volumes = spec.volumes.map(({ name }: { name: string }) => name);
    for (const { name } of gate.volumeMounts) expect(volumes).toContain(name);
  });
});
