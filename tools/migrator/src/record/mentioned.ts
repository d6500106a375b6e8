import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LoadedMigration } from "../migrations/types.ts";

/**
 * Which of these schemas the migrations name, as far as their text shows. Migrations are code, and only running them
 * would tell for certain; rather one too many than one too few: whoever is refused for it can say so.
 */
export async function mentioned(
  schemas: readonly string[],
  local: readonly Pick<LoadedMigration, "path">[],
): Promise<string[]> {
  if (schemas.length === 0) return [];
  const texts = await sources(local.map(({ path }) => path));
  return schemas.filter((schema) => {
    const pattern = naming(schema);
    return texts.some((text) => pattern.test(text));
  });
}

/** The migrations' own files, and every .sql file beside or below them, which they may read. */
async function sources(paths: readonly string[]): Promise<string[]> {
  const folders = [...new Set(paths.map((path) => dirname(path)))];
  const beside = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && /\.sql$/i.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name)),
    ),
  );
  return Promise.all([...paths, ...beside.flat()].map((path) => readFile(path, "utf8")));
}

/** As SQL qualifies with it (`billing.x`, `"billing"."x"`), creates or sets it, or as an option of code names it. */
function naming(schema: string): RegExp {
  // Quotes inside a name are doubled in SQL, and may be escaped once more in code.
  const name = schema.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll('"', '\\\\?"\\\\?"?');
  const quoted = `(?:\\\\?"${name}\\\\?"|(?<![\\w$])${name}(?![\\w$]))`;
  return new RegExp(
    [
      `(?<![\\w$.])${quoted}\\s*\\.\\s*["\\\\\\w$]`,
      `\\bschema\\b\\s+(?:if\\s+(?:not\\s+)?exists\\s+)?${quoted}`,
      `schema\\w*["']?\\s*(?:[:=(]|\\?\\?|\\|\\|)\\s*["'\`]${name}["'\`]`,
      `\\bsearch_path\\b[^;]{0,200}?${quoted}`,
    ].join("|"),
    "i",
  );
}
