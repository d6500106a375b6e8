import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of the releases, as they are built for their images. */
    dist: string;
    /** Folder of the command `migrator`, which is first on the PATH as well. */
    bin: string;
  }
}

const blogFolder = join(import.meta.dirname, "../..");
const migrator = join(blogFolder, "../../tools/migrator/dist");
const run = promisify(execFile);

/**
 * Every release, and the migrator as the command of that name, bundled as they ship. Inside the workspace, so that packages
 * are found.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const parent = join(blogFolder, ".test-results");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "programs-"));
  const dist = join(folder, "dist");
  const bin = join(folder, "bin");
  await mkdir(bin);
  // Turborepo builds what is not built from the sources as they are now.
  await run("turbo", ["run", "build", "--filter=@schema-rollout/blog", "--output-logs=errors-only"]);
  await cp(join(blogFolder, "dist"), dist, { recursive: true });
  await cp(migrator, join(folder, "migrator"), { recursive: true });
  const program = join(folder, "migrator/migrator.mjs");
  await writeFile(join(bin, "migrator"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, {
    mode: 0o755,
  });
  provide("dist", dist);
  provide("bin", bin);
  // The workers inherit it.
  process.env.PATH = [bin, process.env.PATH].join(delimiter);
  return () => rm(folder, { recursive: true, force: true });
}
