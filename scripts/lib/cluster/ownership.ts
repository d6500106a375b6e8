import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheRoot } from "@schema-rollout/toolchain";

// Beside the cache rather than in the checkout: every clone of the repository uses the same cluster.
const marker = (cluster: string) => join(cacheRoot(), "clusters", cluster);

/** Notes, before a cluster is created, that it is ours: only then may it be removed again. */
export async function claim(cluster: string): Promise<void> {
  await mkdir(dirname(marker(cluster)), { recursive: true });
  await writeFile(marker(cluster), randomUUID());
}

/** Which claim there is to a cluster of this name; undefined when it is not ours. */
export const claimTo = (cluster: string): Promise<string | undefined> =>
  readFile(marker(cluster), "utf8").catch(() => undefined);

/** Gives up the claim a cluster was removed by, not one that another run has made meanwhile to the next of its name. */
export async function disown(cluster: string, claimed: string): Promise<void> {
  if ((await claimTo(cluster)) === claimed) await rm(marker(cluster), { force: true });
}
