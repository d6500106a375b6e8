import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/**
 * Hashes of this package's own files (paths from src/). A recipe that changes gives another result, so its source
 * is part of what a cache entry is known by.
 */
export async function sourceHashes(...paths: string[]): Promise<Record<string, string>> {
  const hashes = paths.map(async (path) => {
    const content = await readFile(new URL(path, import.meta.url));
    return [path, createHash("sha256").update(content).digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}
