import type { Engine, OnProgress } from "@schema-rollout/toolchain";
import { run } from "./run.ts";

/** True when the engine has the image already. */
export async function hasImage(engine: Engine, image: string): Promise<boolean> {
  return run(engine.path, ["image", "inspect", image], { env: engine.env, buffer: { stdout: false } }).then(
    () => true,
    () => false,
  );
}

export async function loadArchive(engine: Engine, archive: string): Promise<void> {
  await run(engine.path, ["load", "--quiet", "--input", archive], { env: engine.env });
}

/**
 * What a pulled image is called here. By digest alone it would lose its name in an archive, and a name from
 * elsewhere might be in use on this machine for another version.
 */
export const pulledName = (image: string, name: string) =>
  `docker.io/schema-rollout/${name}:${image.split("@sha256:")[1]?.slice(0, 12)}`;

/** Pulls an image by digest and names it `pulledName`. */
export async function pull(
  engine: Engine,
  image: string,
  name: string,
  onProgress?: OnProgress,
): Promise<string> {
  onProgress?.(`pulling ${image}`);
  await run(engine.path, ["pull", "--quiet", image], { env: engine.env });
  await run(engine.path, ["tag", image, pulledName(image, name)], { env: engine.env });
  return pulledName(image, name);
}
