import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { manifestFile, readManifest } from "../migrations/manifest.ts";
import { readMigrations } from "../migrations/read.ts";
import type { LoadedMigration } from "../migrations/types.ts";

export interface Range {
  /** Name of the last migration that was there before. */
  since: string | undefined;
  /** The release before: its folder of migrations, or its migrations.json. */
  base: string | undefined;
}

export interface Split {
  base: LoadedMigration[];
  judged: LoadedMigration[];
  /** Whether the judged ones are one release; without a start nobody knows. */
  together: boolean;
}

/** Which migrations are there already, and which are to be judged. */
export async function split(local: readonly LoadedMigration[], { since, base }: Range): Promise<Split> {
  if (since !== undefined && base !== undefined) {
    throw new MigratorError(ExitCode.Usage, "--since and --base both say where to start.", {
      next: "Give one.",
    });
  }
  if (base !== undefined) {
    const names = await namesIn(base);
    const isBase = ({ name }: LoadedMigration) => names.has(name);
    return { base: local.filter(isBase), judged: local.filter((one) => !isBase(one)), together: true };
  }
  if (since === undefined) return { base: [], judged: [...local], together: false };
  const start = local.find(({ name }) => name === since);
  if (start === undefined) {
    throw new MigratorError(ExitCode.Usage, `There is no migration named ${since}.`, {
      next: `There are ${local.map(({ name }) => name).join(", ")}.`,
    });
  }
  const isBase = ({ timestamp }: LoadedMigration) => timestamp <= start.timestamp;
  return { base: local.filter(isBase), judged: local.filter((one) => !isBase(one)), together: true };
}

async function namesIn(path: string): Promise<Set<string>> {
  const found = await stat(path).catch((cause) => {
    throw new MigratorError(ExitCode.Usage, `--base ${path} cannot be read.`, {
      next: `Name a folder of migrations, or its ${manifestFile}.`,
      cause,
    });
  });
  const folder = found.isDirectory() ? path : dirname(path);
  if (!found.isDirectory() && basename(path) !== manifestFile) {
    throw new MigratorError(ExitCode.Usage, `--base ${path} is neither a folder nor a ${manifestFile}.`);
  }
  const manifest = await readManifest(folder);
  const migrations = manifest?.migrations ?? (await readMigrations(folder));
  return new Set(migrations.map(({ name }) => name));
}
