import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "./run.ts";

/** An uncompressed layer and the digest images know it by. */
export interface Layer {
  file: string;
  digest: string;
}

/** The part of an image's configuration that is used here, under the names of the OCI image specification. */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
  StopSignal?: string;
  ExposedPorts?: Record<string, object>;
}

export interface Image {
  /** Every name the image gets, with tag. */
  tags: string[];
  layers: Layer[];
  config: ImageConfig;
}

// The same files give the same bytes, whoever packs them and when: a layer is then known by its content.
const REPRODUCIBLE = [
  "--sort=name",
  "--mtime=@0",
  "--format=posix",
  "--pax-option=delete=atime,delete=ctime",
];

/** Packs a folder, with its owners and modes, as one layer. */
export async function packLayer(folder: string, file: string): Promise<Layer> {
  await run("tar", ["-C", folder, ...REPRODUCIBLE, "--numeric-owner", "-cf", file, "."]);
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return { file, digest: hash.digest("hex") };
}

/**
 * Writes images in the format of `docker save`, which docker, podman and containerd load alike. Nothing but tar
 * is needed to make one, and layers that images share are stored once.
 */
export async function writeArchive(images: Image[], file: string): Promise<void> {
  const folder = join(dirname(file), ".archive");
  await mkdir(folder);
  const manifest = [];
  for (const { tags, layers, config } of images) {
    const text = JSON.stringify(imageJson(layers, config));
    const name = `${createHash("sha256").update(text).digest("hex")}.json`;
    await writeFile(join(folder, name), text);
    for (const layer of layers) await linkOnce(layer.file, join(folder, layerName(layer)));
    manifest.push({ Config: name, RepoTags: tags, Layers: layers.map(layerName) });
  }
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
  await run("tar", ["-C", folder, ...REPRODUCIBLE, "-cf", file, "."]);
  await rm(folder, { recursive: true });
}

/** The configuration file of an image; its date is fixed so that the same content has the same identity. */
export function imageJson(layers: Layer[], config: ImageConfig) {
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config,
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
    history: layers.map(() => ({ created: "1970-01-01T00:00:00Z", created_by: "schema-rollout" })),
  };
}

const layerName = ({ digest }: Layer) => `${digest}.tar`;

async function linkOnce(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}
