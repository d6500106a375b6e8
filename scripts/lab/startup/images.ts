import { join } from "node:path";
import { resolveEngine } from "@schema-rollout/toolchain";
import { build } from "esbuild";
import { buildImage, type ImageSource, imageName } from "../../lib/images/build.ts";
import type { Images } from "../../lib/images/index.ts";
import type { Say } from "../../lib/progress.ts";

const here = import.meta.dirname;

/** For each release the image of it that migrates when it starts. */
export type StartupImages = Record<string, string>;

/** Their names, which a build is known by, whether or not anything that is measured needs the images. */
export const startupImageNames = (prefix: string, images: Images): Promise<StartupImages> =>
  ofEachRelease(images, (source) => imageName(prefix, source));

export async function buildStartupImages(prefix: string, images: Images, say: Say): Promise<StartupImages> {
  const engine = await resolveEngine({ onProgress: say });
  return ofEachRelease(images, (source) => buildImage(engine, prefix, source, say));
}

async function ofEachRelease(
  images: Images,
  named: (source: ImageSource) => Promise<string>,
): Promise<StartupImages> {
  await bundlePrograms();
  const made: StartupImages = {};
  for (const [release, { blog, migrations }] of Object.entries(images.releases)) {
    const args = { BLOG_IMAGE: blog, MIGRATIONS_IMAGE: migrations };
    const source = { name: "blog-startup", context: here, dockerfile: "Dockerfile", files: ["dist"], args };
    made[release] = await named(source);
  }
  return made;
}

// Bundled CommonJS calls require() for Node's own modules.
const banner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** Both programs as one file each, into dist/. */
export async function bundlePrograms(outdir: string = join(here, "dist")): Promise<void> {
  await build({
    absWorkingDir: here,
    entryPoints: ["start.ts", "lockless.ts"],
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    minify: true,
    // TypeORM goes by class names.
    keepNames: true,
    external: ["pg-native", "pg-query-stream"],
    banner: { js: banner },
    logLevel: "error",
  });
}
