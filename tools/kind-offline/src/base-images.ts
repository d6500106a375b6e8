import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OnProgress } from "@schema-rollout/toolchain";
import { type ImageConfig, packLayer, writeArchive } from "./archive.ts";
import { type BuiltImage, builtImage } from "./built-image.ts";
import { type DebianLayers, debianLayerInputs, debianLayers } from "./layers.ts";
import { nodeBase } from "./node-base.ts";
import { postgresBase } from "./postgres-base.ts";

interface Base {
  config: ImageConfig;
  /** Layers of Debian files it lies on. */
  debian: readonly (keyof DebianLayers)[];
  inputs(): Promise<unknown>;
  fill(root: string, onProgress?: OnProgress): Promise<void>;
}

/** The image a Node program is put on top of. */
export const nodeBaseImage = onDebian("node", nodeBase);

/** PostgreSQL. */
export const postgresImage = onDebian("postgres", postgresBase);

function onDebian(name: string, base: Base): BuiltImage {
  const inputs = async () => ({
    debian: await debianLayerInputs(),
    layers: base.debian,
    own: await base.inputs(),
  });
  return builtImage(name, inputs, async (dir, tag, onProgress) => {
    const debian = await debianLayers(onProgress);
    onProgress?.(`packing the image schema-rollout/${name}`);
    const root = join(dir, "root");
    await mkdir(root);
    await base.fill(root, onProgress);
    const own = await packLayer(root, join(dir, "layer.tar"));
    await rm(root, { recursive: true });
    const layers = [...base.debian.map((layer) => debian[layer]), own];
    await writeArchive([{ tags: [tag], layers, config: base.config }], join(dir, "image.tar"));
    await rm(own.file);
  });
}
