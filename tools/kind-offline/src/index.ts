import type { Engine } from "@schema-rollout/toolchain";
import { buildNodeBase, buildPostgres } from "./base-images.ts";
import { pull } from "./engine.ts";
import { type BuildOptions, buildNodeImage } from "./node-image.ts";
import { canPull } from "./registry.ts";
import { run } from "./run.ts";
import { published } from "./versions.ts";

export { type ClusterOptions, clusterConfig, type PortMapping } from "./cluster-config.ts";
export { finishNetwork } from "./network.ts";
export type { BuildOptions } from "./node-image.ts";
export { canPull } from "./registry.ts";

export interface NodeImage {
  /** For `kind create cluster --image`; present in the engine. */
  name: string;
  /** True for the one built here: the cluster then needs `finishNetwork`. */
  offline: boolean;
  /** The engine's machine has cgroup v1. */
  cgroupV1: boolean;
}

/** kind's node image: the one this kind was released with, or one built here where no registry is reached. */
export async function nodeImage(options: BuildOptions): Promise<NodeImage> {
  const { engine, onProgress } = options;
  const cgroupV1 = await hasCgroupV1(engine);
  if (await canPull(published.kindNode, engine))
    return { name: await pull(engine, published.kindNode, onProgress), offline: false, cgroupV1 };
  return { name: await buildNodeImage(options), offline: true, cgroupV1 };
}

export interface BaseImages {
  /** What the project's own images are built on: distroless Node 24, or the same shape. */
  node: string;
  /** PostgreSQL 18: the official image, or one that takes the same environment. */
  postgres: string;
}

/** The published base images, or ones built here; each by itself, since they come from two registries. */
export async function baseImages(options: BuildOptions): Promise<BaseImages> {
  const { engine, onProgress } = options;
  const get = async (image: string, build: (options: BuildOptions) => Promise<string>) =>
    (await canPull(image, engine)) ? pull(engine, image, onProgress) : build(options);
  return {
    node: await get(published.node, buildNodeBase),
    postgres: await get(published.postgres, buildPostgres),
  };
}

async function hasCgroupV1(engine: Engine): Promise<boolean> {
  const format = engine.kind === "docker" ? "{{.CgroupVersion}}" : "{{.Host.CgroupsVersion}}";
  const version = await run(engine.path, ["info", "--format", format], { env: engine.env });
  return version.trim().replace("v", "") === "1";
}
