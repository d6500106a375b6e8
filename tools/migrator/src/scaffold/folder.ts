import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { manifestFile } from "../migrations/manifest.ts";

const latest = 9_999_999_999_999;

/** The folder's migration files; makes the folder where there is none. Nothing is imported: a broken file is no obstacle. */
export async function migrationFilesOf(dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  const files = await readdir(dir);
  if (files.includes(manifestFile)) {
    throw new MigratorError(
      ExitCode.Usage,
      `${dir} is a build (it has a ${manifestFile}), not a folder of sources.`,
      {
        next: "Name the folder of the sources with --migrations.",
      },
    );
  }
  return files.filter((file) => /\.(ts|js|mjs|cjs)$/.test(file) && !file.endsWith(".d.ts"));
}

/** `count` timestamps from now on, but after every migration that is there, also one that lies in the future. */
export async function timestampsAfter(
  dir: string,
  files: readonly string[],
  count: number,
  now = Date.now(),
): Promise<number[]> {
  const found = await Promise.all(
    files.map(async (file) => timestampsIn(file, await readFile(join(dir, file), "utf8"))),
  );
  const last = Math.max(0, ...found.flat());
  const first = Math.max(now, last + 1);
  if (first + count - 1 > latest) {
    throw new MigratorError(
      ExitCode.Usage,
      `A migration in ${dir} has the timestamp ${last}; nothing of 13 digits comes after it.`,
    );
  }
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Of the file's name, its class and its `name` property: only the latter two count, but a file may be half-written. */
function timestampsIn(file: string, text: string): number[] {
  const marks = [
    /^(\d{13})(?!\d)/.exec(file),
    ...text.matchAll(/\bclass\s+[\p{L}_$][\p{L}\p{N}_$]*?(\d{13})\b/gu),
    ...text.matchAll(/\bname\s*[=:]\s*["'`][^"'`]*?(\d{13})["'`]/g),
  ];
  return marks.flatMap((mark) => (mark?.[1] === undefined ? [] : [Number(mark[1])]));
}
