import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached, hashOf, type OnProgress } from "@schema-rollout/toolchain";
import { type ImageConfig, packLayer, writeArchive } from "./archive.ts";
import { hasImage, loadArchive } from "./engine.ts";
import { type DebianLayers, debianLayerInputs, debianLayers } from "./layers.ts";
import { nodeBase } from "./node-base.ts";
import type { BuildOptions } from "./node-image.ts";
import { postgresBase } from "./postgres-base.ts";

interface Base {
  config: ImageConfig;
  /** Layers of Debian files it lies on. */
  debian: readonly (keyof DebianLayers)[];
  inputs(): Promise<unknown>;
  fill(root: string, onProgress?: OnProgress): Promise<void>;
}

/** Builds the image a Node program is put on top of. */
export const buildNodeBase = (options: BuildOptions) => buildBase("node", nodeBase, options);

/** Builds the PostgreSQL image. */
export const buildPostgres = (options: BuildOptions) => buildBase("postgres", postgresBase, options);

async function buildBase(name: string, base: Base, { engine, onProgress }: BuildOptions): Promise<string> {
  const inputs = { debian: await debianLayerInputs(), layers: base.debian, own: await base.inputs() };
  const tag = `docker.io/schema-rollout/${name}:${hashOf(inputs)}`;
  if (await hasImage(engine, tag)) return tag;
  const progress = onProgress === undefined ? {} : { onProgress };
  const dir = await cached({ name: `image-${name}`, inputs, ...progress }, async (dir) => {
    const debian = await debianLayers(onProgress);
    onProgress?.(`packing the ${name} image`);
    const root = join(dir, "root");
    await mkdir(root);
    await base.fill(root, onProgress);
    const own = await packLayer(root, join(dir, "layer.tar"));
    await rm(root, { recursive: true });
    const layers = [...base.debian.map((layer) => debian[layer]), own];
    await writeArchive([{ tags: [tag], layers, config: base.config }], join(dir, "image.tar"));
    await rm(own.file);
  });
  onProgress?.(`loading the ${name} image`);
  await loadArchive(engine, join(dir, "image.tar"));
  return tag;
}
