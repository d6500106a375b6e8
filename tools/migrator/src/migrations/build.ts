import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { manifestFile, manifestOf } from "./manifest.ts";
import { inOrder } from "./order.ts";
import { builtFile, readMigrations } from "./read.ts";
import type { LoadedMigration, Manifest } from "./types.ts";

export interface BuildOptions {
  /** Folder of the sources, or several that share one order. */
  from: string | readonly string[];
  /** Class names of the release's migrations, as TypeORM records them. */
  names: readonly string[];
  /** Folder to write; emptied first. */
  to: string;
}

/** A migration that imports TypeORM's classes (Table, TableIndex) brings CommonJS that calls require("fs"). */
const requireForBundledCommonJs =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** Bundles one release's migrations, each to a file of its own, and writes their `migrations.json`. */
export async function buildMigrations({ from, names, to }: BuildOptions): Promise<Manifest> {
  const folders = [from].flat();
  const sources = inOrder((await Promise.all(folders.map(readMigrations))).flat());
  const chosen = select(sources, names, folders.join(", "));
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  // Imported here only: the CLI has no use for a bundler.
  const { build } = await import("esbuild");
  await Promise.all(
    chosen.map((migration) =>
      build({
        entryPoints: [migration.path],
        outfile: resolve(to, builtFile(migration)),
        // Paths in the output are relative to this folder, so the same sources give the same bytes anywhere.
        absWorkingDir: dirname(migration.path),
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node22",
        // TypeORM records a migration under its class name.
        keepNames: true,
        logLevel: "silent",
        banner: { js: requireForBundledCommonJs },
      }),
    ),
  );
  const manifest = manifestOf(chosen.map((migration) => ({ ...migration, file: builtFile(migration) })));
  await writeFile(join(to, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

function select(sources: LoadedMigration[], names: readonly string[], from: string): LoadedMigration[] {
  const unknown = names.filter((name) => !sources.some((source) => source.name === name));
  if (unknown.length > 0) {
    throw new MigratorError(ExitCode.Usage, `${from} has no migration named ${unknown.join(", ")}.`, {
      next: `It has ${sources.map((source) => source.name).join(", ")}.`,
    });
  }
  return sources.filter((source) => names.includes(source.name));
}
