import type { Engine } from "@schema-rollout/toolchain";
import { nodeBaseImage, postgresImage } from "./base-images.ts";
import type { BuildOptions, BuiltImage } from "./built-image.ts";
import { hasImage, pull, pulledName } from "./engine.ts";
import { kindNodeImage } from "./node-image.ts";
import { askRegistry, registryOf } from "./registry.ts";
import { run } from "./run.ts";
import { published } from "./versions.ts";

export type { BuildOptions } from "./built-image.ts";
export { type ClusterOptions, clusterConfig, type PortMapping } from "./cluster-config.ts";
export { finishNetwork } from "./network.ts";
export { type Answer, askRegistry } from "./registry.ts";

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
  const name = await provide("kind-node", published.kindNode, kindNodeImage, options);
  const offline = name !== pulledName(published.kindNode, "kind-node");
  return { name, offline, cgroupV1: await hasCgroupV1(options.engine) };
}

export interface BaseImages {
  /** What the project's own images are built on: distroless Node 24, or the same shape. */
  node: string;
  /** PostgreSQL 18: the official image, or one that takes the same environment. */
  postgres: string;
}

/** The published base images, or ones built here; each by itself, since they come from two registries. */
export async function baseImages(options: BuildOptions): Promise<BaseImages> {
  return {
    node: await provide("node", published.node, nodeBaseImage, options),
    postgres: await provide("postgres", published.postgres, postgresImage, options),
  };
}

/** What the engine has comes first, pulled or built, so that a second run asks nobody and changes nothing. */
async function provide(
  name: string,
  image: string,
  built: BuiltImage,
  options: BuildOptions,
): Promise<string> {
  const { engine, onProgress } = options;
  for (const known of [pulledName(image, name), await built.tag()])
    if (await hasImage(engine, known)) return known;
  const answer = await askRegistry(image, engine);
  if (answer.given) return pull(engine, image, name, onProgress);
  onProgress?.(`the image ${name} is made here: ${registryOf(image)} cannot be reached (${answer.why})`);
  return built.build(options);
}

async function hasCgroupV1(engine: Engine): Promise<boolean> {
  const format = engine.kind === "docker" ? "{{.CgroupVersion}}" : "{{.Host.CgroupsVersion}}";
  const version = await run(engine.path, ["info", "--format", format], { env: engine.env });
  return version.trim().replace("v", "") === "1";
}
