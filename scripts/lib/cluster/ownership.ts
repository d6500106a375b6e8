import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheRoot } from "@schema-rollout/toolchain";

// Beside the cache rather than in the checkout: every clone of the repository uses the same cluster.
const marker = (cluster: string) => join(cacheRoot(), "clusters", cluster);

/** Notes, before a cluster is created, that it is ours: only then may it be removed again. */
export async function claim(cluster: string): Promise<void> {
  await mkdir(dirname(marker(cluster)), { recursive: true });
  await writeFile(marker(cluster), "");
}

export const isOurs = (cluster: string): Promise<boolean> =>
  access(marker(cluster)).then(
    () => true,
    () => false,
  );

export const disown = (cluster: string): Promise<void> => rm(marker(cluster), { force: true });
