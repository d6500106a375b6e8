import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { apply, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { freshNamespace, removeNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { root } from "@schema-rollout/scripts/lib/paths.ts";
import { sh } from "@schema-rollout/scripts/lib/shell.ts";
import { resolveEngine } from "@schema-rollout/toolchain";
import { expect, onTestFinished, test } from "vitest";
import { restricted } from "./scenario/gate-pod.ts";
import { theStage } from "./scenario/stage.ts";

const namespace = "e2e-images";

async function layersOf(image: string): Promise<string[]> {
  const { path, env } = await resolveEngine();
  const { stdout } = await sh({ env: { ...process.env, ...env } })`${path} image inspect ${image}`;
  return JSON.parse(stdout)[0].RootFS.Layers;
}

test("wait-for-job adds less than 1 MB to a node that has the blog", async () => {
  const { images } = await theStage();
  const blog = new Set(await layersOf(images.releases.v1?.blog ?? ""));
  const own = (await layersOf(images.waitForJob)).filter((layer) => !blog.has(layer));
  // Everything but the layer with its bundle is shared.
  expect(own).toHaveLength(1);
  const dist = join(root, "tools/wait-for-job/dist");
  const sizes = await Promise.all(
    (await readdir(dist)).map(async (file) => (await stat(join(dist, file))).size),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000);
});

test("blog and migrator start from what was compiled in their images", async () => {
  const { cluster, images } = await theStage();
  const started: [string, string | undefined, string[], string][] = [
    // Without its environment the blog ends at once: it has started.
    ["blog", images.releases.v1?.blog, [], "DATABASE_URL"],
    ["migrator", images.releases.v1?.migrations, ["--version"], "0.1.0"],
  ];
  await freshNamespace(cluster, namespace);
  onTestFinished(() => removeNamespace(cluster, namespace));
  const ended = "--for=jsonpath={.status.containerStatuses[0].state.terminated}";
  for (const [name, image, args, says] of started) {
    await apply(cluster, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace },
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        containers: [
          { name, image, args, env: [{ name: "CODE_CACHE", value: "require" }], securityContext: restricted },
        ],
      },
    });
    await kubectl(cluster, ["-n", namespace, "wait", `pod/${name}`, ended, "--timeout=120s"]);
    expect((await kubectl(cluster, ["-n", namespace, "logs", name])).stdout).toContain(says);
  }
});

test("the releases differ in their app images, and v1's migrations image knows nothing of v2's", async () => {
  const { images } = await theStage();
  expect(images.releases.v1?.blog).not.toBe(images.releases.v2?.blog);
  expect(images.releases.v1?.migrations).not.toBe(images.releases.v2?.migrations);
  const migrations = await readdir(join(root, "apps/blog/dist/v1/migrations"));
  expect(migrations.filter((file) => file.endsWith(".mjs"))).toEqual(["1750000000000-CreatePosts.mjs"]);
});
