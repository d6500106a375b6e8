import { statfs } from "node:fs/promises";
import { Failure } from "../failure.ts";

/** What must be free on the disk before a cluster is made. A first run, which builds the tools, wants more. */
const clusterBytes = 4 * 1024 ** 3;

/** Fails with a sentence when there is too little space where one of the folders lies; a full disk breaks a cluster late. */
export async function requireSpace(folders: string[], neededBytes = clusterBytes): Promise<void> {
  for (const folder of folders) {
    // An engine in a virtual machine names a folder that is not on this one.
    const disk = await statfs(folder).catch(() => undefined);
    if (!disk || disk.bavail * disk.bsize >= neededBytes) continue;
    const free = Math.floor((disk.bavail * disk.bsize) / 1024 ** 2);
    const needed = Math.ceil(neededBytes / 1024 ** 2);
    throw new Failure(
      `Only ${free} MiB are free where ${folder} lies; a cluster needs ${needed} MiB. Free some space first.`,
    );
  }
}
