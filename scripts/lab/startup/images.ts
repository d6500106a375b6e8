import { join } from "node:path";
import { resolveEngine } from "@schema-rollout/toolchain";
import { build } from "esbuild";
import { buildImage } from "../../lib/images/build.ts";
import type { Images } from "../../lib/images/index.ts";
import type { Say } from "../../lib/progress.ts";

const here = import.meta.dirname;

/** For each release an image of it that migrates when it starts, by release. */
export async function startupImages(
  prefix: string,
  images: Images,
  say: Say,
): Promise<Record<string, string>> {
  await bundlePrograms();
  const engine = await resolveEngine({ onProgress: say });
  const made: Record<string, string> = {};
  for (const [release, { blog, migrations }] of Object.entries(images.releases)) {
    const args = { BLOG_IMAGE: blog, MIGRATIONS_IMAGE: migrations };
    const source = { name: "blog-startup", context: here, dockerfile: "Dockerfile", files: ["dist"], args };
    made[release] = await buildImage(engine, prefix, source, say);
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
