import { chmod, copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { OnProgress } from "@schema-rollout/toolchain";
import { nodePin, resolveNode } from "@schema-rollout/toolchain";
import type { ImageConfig } from "./archive.ts";
import { sourceHashes } from "./sources.ts";

/** The same shape as distroless Node: no shell, no package manager, one program to start. */
const config: ImageConfig = {
  Entrypoint: ["/nodejs/bin/node"],
  User: "65532:65532",
  WorkingDir: "/app",
  Env: [
    "PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin",
    "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    "HOME=/home/nonroot",
  ],
};

/** What is added to the layer of Debian files: the pinned Node, whatever Node runs this. */
export const nodeBase = {
  config,
  debian: ["base"] as const,
  inputs: async () => ({
    version: nodePin.version,
    config,
    recipe: await sourceHashes("node-base.ts", "base-images.ts"),
  }),
  async fill(root: string, onProgress?: OnProgress): Promise<void> {
    // Without PATH only the pinned one is taken, never a system's Node that needs more libraries.
    const { path } = await resolveNode({ path: "", ...(onProgress === undefined ? {} : { onProgress }) });
    await mkdir(join(root, "nodejs/bin"), { recursive: true });
    await copyFile(path, join(root, "nodejs/bin/node"));
    await chmod(join(root, "nodejs/bin/node"), 0o755);
    for (const folder of ["app", "home/nonroot"]) {
      await mkdir(join(root, folder), { recursive: true });
    }
  },
};
