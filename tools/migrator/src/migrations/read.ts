import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { loadMigration } from "./load.ts";
import { manifestFile, manifestOf, readManifest } from "./manifest.ts";
import { onlyFile } from "./only-file.ts";
import { inOrder } from "./order.ts";
import type { LoadedMigration, Manifest } from "./types.ts";

/**
 * Loads every migration of a folder, in order. With `migrations.json` beside them the checksums are those of the
 * sources they were built from; without it the files themselves are the sources.
 */
export async function readMigrations(dir: string): Promise<LoadedMigration[]> {
  const folder = resolve(dir);
  const files = await migrationFiles(folder);
  const manifest = await readManifest(folder);
  if (manifest) sameFiles(folder, manifest, files);
  const loaded = await Promise.all(files.map((file) => readOne(folder, file, manifest)));
  return inOrder(loaded);
}

/** The content of `migrations.json` for a folder of sources. */
export async function describeMigrations(dir: string): Promise<Manifest> {
  const migrations = await readMigrations(dir);
  return manifestOf(migrations.map((migration) => ({ ...migration, file: builtFile(migration) })));
}

export const builtFile = ({ name, timestamp }: { name: string; timestamp: number }) =>
  `${timestamp}-${name.slice(0, -13) || "migration"}.mjs`;

async function readOne(folder: string, file: string, manifest?: Manifest): Promise<LoadedMigration> {
  const path = join(folder, file);
  const migration = await loadMigration(path);
  const entry = manifest?.migrations.find((candidate) => candidate.file === file);
  if (entry === undefined) return { ...migration, file, path, sha256: sha256(await readFile(path)) };
  if (entry.name !== migration.name || entry.phase !== migration.phase) {
    throw stale(folder, `${file} holds ${migration.name} (${migration.phase})`);
  }
  return { ...migration, file, path, sha256: entry.sha256 };
}

async function migrationFiles(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new MigratorError(
      ExitCode.Usage,
      `The migrations folder ${folder} cannot be read: ${reason(cause as NodeJS.ErrnoException)}.`,
      { next: "Name a folder with --migrations DIR or MIGRATIONS_DIR.", cause },
    );
  }
  const files = names.filter(isMigrationFile).sort();
  if (files.length === 0) {
    throw new MigratorError(
      ExitCode.Usage,
      `There is no migration in ${folder} (.ts, .js, .mjs or .cjs, other than index).`,
      {
        next: "Name the folder with --migrations DIR or MIGRATIONS_DIR.",
      },
    );
  }
  const manifest = names.filter((name) => name === manifestFile);
  for (const file of [...files, ...manifest]) await onlyFile(join(folder, file));
  return files;
}

/** An index is a list of the others (`export * from …`), which are read anyway. */
const isMigrationFile = (name: string) =>
  /\.(ts|js|mjs|cjs)$/.test(name) && !/(\.d\.ts|^index\.\w+)$/.test(name);

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "it is not there";
  if (code === "ENOTDIR") return "it is not a folder";
  if (code === "EACCES" || code === "EPERM") return "this user may not read it";
  return message;
}

/** A file the manifest does not know, or one it misses, means that it describes another build. */
function sameFiles(folder: string, manifest: Manifest, files: readonly string[]): void {
  const listed = new Set(manifest.migrations.map((migration) => migration.file));
  const extra = files.find((file) => !listed.has(file));
  if (extra !== undefined) throw stale(folder, `${extra} is not listed in it`);
  const missing = [...listed].find((file) => !files.includes(file));
  if (missing !== undefined) throw stale(folder, `${missing} is listed but not there`);
}

const stale = (folder: string, why: string) =>
  new MigratorError(ExitCode.Usage, `${join(folder, manifestFile)} does not fit its folder: ${why}.`, {
    next: "Build the migrations again.",
  });

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
