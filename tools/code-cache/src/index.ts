import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BuildOptions, build } from "esbuild";

type Fixed = "outfile" | "outdir" | "bundle" | "platform" | "format" | "target" | "define" | "banner";

const starter = join(import.meta.dirname, "starter.mjs");

/**
 * Bundles a program of Node.js into NAME.cjs, with NAME.mjs beside it, which is what is run. Run once with CODE_CACHE=write
 * (in the image's build, by the image's own Node.js) it leaves NAME.cache there, from which every later start is quicker.
 *
 * @param outfile path of NAME.mjs
 * @param options esbuild's, but for what makes a program of it
 */
export async function bundleProgram(outfile: string, options: Omit<BuildOptions, Fixed>): Promise<void> {
  if (!outfile.endsWith(".mjs")) throw new Error(`A program is called NAME.mjs, not ${outfile}.`);
  await mkdir(dirname(outfile), { recursive: true });
  // First: V8 knows a program by its length alone, and would run the cache of an older one of the same length in its place.
  await rm(outfile.replace(/\.mjs$/, ".cache"), { force: true });
  await build({
    ...options,
    outfile: outfile.replace(/\.mjs$/, ".cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    // CommonJS has no import.meta; what is asked of it is where the program is.
    define: { "import.meta.url": "programUrl" },
    // What stands before the bundle's own directive would make it sloppy code.
    banner: { js: '"use strict"; const programUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  await copyFile(starter, outfile);
}
