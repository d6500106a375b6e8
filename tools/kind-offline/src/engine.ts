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

/** Pulls an image that is not there yet and returns its reference. */
export async function pull(engine: Engine, image: string, onProgress?: OnProgress): Promise<string> {
  if (await hasImage(engine, image)) return image;
  onProgress?.(`pulling ${image}`);
  await run(engine.path, ["pull", "--quiet", image], { env: engine.env });
  return image;
}
