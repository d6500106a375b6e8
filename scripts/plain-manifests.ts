import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { plainFolder, plainManifests } from "./lib/charts/plain-manifests.ts";
import { root } from "./lib/paths.ts";
import { verb } from "./lib/verb.ts";

/** Writes the pieces of the library chart as plain manifests; a test fails while the committed ones differ. */
await verb("plain-manifests", async () => {
  const helm = await resolveTool("helm", { onProgress: console.log });
  await mkdir(join(root, plainFolder), { recursive: true });
  for (const [file, text] of Object.entries(await plainManifests(helm.path))) {
    await writeFile(join(root, plainFolder, file), text);
    console.log(`${plainFolder}/${file}`);
  }
  return 0;
});
