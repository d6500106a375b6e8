import { join } from "node:path";
import { cached, type Engine, hashOf, type OnProgress } from "@schema-rollout/toolchain";
import { hasImage, loadArchive } from "./engine.ts";

export interface BuildOptions {
  engine: Engine;
  onProgress?: OnProgress;
}

/** An image that is built here, named by the hash of everything it is made of. */
export interface BuiltImage {
  tag(): Promise<string>;
  /** Builds it or takes it from the cache, and loads it into the engine. */
  build(options: BuildOptions): Promise<string>;
}

/** `make` leaves the image as `image.tar`, named `tag`, in the folder it is given. */
export function builtImage(
  name: string,
  inputs: () => Promise<unknown>,
  make: (dir: string, tag: string, onProgress?: OnProgress) => Promise<void>,
): BuiltImage {
  const tagOf = (content: unknown) => `docker.io/schema-rollout/${name}:${hashOf(content)}`;
  return {
    tag: async () => tagOf(await inputs()),
    async build({ engine, onProgress }) {
      const content = await inputs();
      const tag = tagOf(content);
      if (await hasImage(engine, tag)) return tag;
      const progress = onProgress === undefined ? {} : { onProgress };
      const dir = await cached({ name: `image-${name}`, inputs: content, ...progress }, (dir) =>
        make(dir, tag, onProgress),
      );
      onProgress?.(`loading the image schema-rollout/${name}`);
      await loadArchive(engine, join(dir, "image.tar"));
      return tag;
    },
  };
}
