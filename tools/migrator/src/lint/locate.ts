import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadedMigration } from "../migrations/types.ts";

export interface Source {
  path: string;
  lines: string[];
}

/** The file a person wrote: in `sources`, where the folder given to us was built from them, by the class's name. */
export async function sourceOf(migration: LoadedMigration, sources: string | undefined): Promise<Source> {
  const own = async (path: string) => ({ path, lines: (await readFile(path, "utf8")).split("\n") });
  if (sources !== undefined) {
    const files = (await readdir(sources)).filter((name) => /\.[cm]?[jt]s$/.test(name)).sort();
    for (const file of files) {
      const source = await own(join(sources, file));
      if (source.lines.some((line) => line.includes(migration.name))) return source;
    }
  }
  return own(migration.path);
}

/** The line, from 1, where a statement stands in its source: the first of its lines that is found there, else the class. */
export function lineOf({ lines }: Source, sql: string): number {
  const up = Math.max(
    0,
    lines.findIndex((line) => /\bup\s*[(=]/.test(line)),
  );
  for (const wanted of sql.split("\n").map((line) => line.trim())) {
    if (wanted.length < 8) continue;
    const found = lines.findIndex((line, index) => index >= up && line.includes(wanted));
    if (found >= 0) return found + 1;
  }
  const first = lines.findIndex((line) => /\bclass\b/.test(line));
  return Math.max(first, 0) + 1;
}
