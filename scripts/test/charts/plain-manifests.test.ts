import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { expect, test } from "vitest";
import { plainFolder, plainManifests } from "../../lib/charts/plain-manifests.ts";
import { objectsOf, theOne } from "../../lib/charts/render.ts";
import { root } from "../../lib/paths.ts";

const { path: helm } = await resolveTool("helm", { onProgress: console.log });
const made = await plainManifests(helm);

test("what is committed is what the chart gives (node scripts/plain-manifests.ts writes it anew)", async () => {
  const folder = join(root, plainFolder);
  const committed = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
  expect(committed.sort()).toEqual(Object.keys(made).sort());
  for (const file of committed) expect(await readFile(join(folder, file), "utf8"), file).toBe(made[file]);
});

test("every object is there once, with nothing of Helm's, and one name for the Job, its gate and its Role", () => {
  const text = Object.values(made).join("\n---\n");
  const objects = objectsOf(text);
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata?.name}`).sort()).toEqual([
    "Deployment orders",
    "Job orders-contract-1",
    "Job orders-migrate-1",
    "Role orders-gate",
    "RoleBinding orders-gate",
    "ServiceAccount orders",
    "ServiceAccount orders-migrator",
  ]);
  expect(text).not.toMatch(/helm\.sh|managed-by|# Source|[0-9a-f]{10}\b(?<!\d{10})/i);
  expect(theOne(objects, "Deployment").spec.template.spec.initContainers[0].args[0]).toBe("orders-migrate-1");
  expect(theOne(objects, "Role").rules[0].resourceNames).toEqual(["orders-migrate-1"]);
});
