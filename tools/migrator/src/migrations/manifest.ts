import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { type Manifest, type ManifestEntry, phases } from "./types.ts";

export const manifestFile = "migrations.json";

/** Builds the manifest of migrations that are already in order. */
export function manifestOf(migrations: readonly ManifestEntry[]): Manifest {
  const last = migrations.at(-1);
  const schemaKey = migrations.findLast((migration) => migration.phase === "expand")?.name;
  if (last === undefined || schemaKey === undefined) {
    throw new MigratorError(ExitCode.Usage, "A release needs at least one expand migration.");
  }
  return {
    version: 1,
    schemaKey,
    level: String(last.timestamp),
    migrations: migrations.map(({ name, timestamp, phase, sha256, file }) => ({
      name,
      timestamp,
      phase,
      sha256,
      file,
    })),
  };
}

/** Reads `migrations.json`; undefined where the folder has none. */
export async function readManifest(dir: string): Promise<Manifest | undefined> {
  const path = join(dir, manifestFile);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const content: unknown = JSON.parse(text);
    if (isManifest(content)) return content;
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path);
}

const isManifest = (value: unknown): value is Manifest => {
  const manifest = value as Manifest | null;
  return manifest?.version === 1 && Array.isArray(manifest.migrations) && manifest.migrations.every(isEntry);
};

const isEntry = (entry: ManifestEntry | null) =>
  typeof entry?.name === "string" &&
  Number.isSafeInteger(entry.timestamp) &&
  phases.includes(entry.phase) &&
  /^[0-9a-f]{64}$/.test(entry.sha256) &&
  // A plain file name: the manifest cannot point outside its folder.
  /^[^/\\]+$/.test(entry.file);

const unreadable = (path: string, cause?: unknown) =>
  new MigratorError(ExitCode.Usage, `${path} is not a manifest this migrator understands.`, {
    next: "Build the migrations again (buildMigrations writes it).",
    cause,
  });
