import { access, constants, readdir, readFile, rm, stat, statfs } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";

/** What the folders of such servers are called. */
export const prefix = "scratch-postgres-";

const GiB = 1024 ** 3;
const memory = "/dev/shm";
/** What tests leave in it for as long as they run is some hundred MB; others on the machine are to notice nothing. */
const room = { there: 4 * GiB, inMemory: 8 * GiB };

/** What this process may still use: of the machine, and of what its container is given. */
const free = () => Math.min(freemem(), process.availableMemory());

/**
 * Where a server goes that nobody keeps: into memory where there is plenty (Linux), else where temporary files go, as it does
 * where the environment names a folder for these. A database is 300 files, and a file system on a disk took 0.3 s to make them
 * where memory took 0.04 s.
 */
export async function folderForNow(
  env: NodeJS.ProcessEnv = process.env,
  freeBytes = free(),
): Promise<string> {
  if (env.TMPDIR || env.TMP || env.TEMP || freeBytes < room.inMemory) return tmpdir();
  try {
    await access(memory, constants.W_OK);
    const { bavail, bsize } = await statfs(memory);
    return bavail * bsize < room.there ? tmpdir() : memory;
  } catch {
    // Not Linux, or a container without it.
    return tmpdir();
  }
}

/** Removes what servers left in this folder whose process was killed: in memory it must not add up. */
export async function clearAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(prefix) && (await isAbandoned(path)))
      // What cannot be removed is in nobody's way.
      await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const { mtimeMs, uid } = await stat(path).catch(() => ({ mtimeMs: Date.now(), uid: -1 }));
  // One that is being made has no server yet; and of others' nothing is taken.
  if (Date.now() - mtimeMs < 600_000 || uid !== process.getuid?.()) return false;
  const file = await readFile(join(path, "data/postmaster.pid"), "utf8").catch((error) => error.code);
  return file === "ENOENT" || isGone(Number.parseInt(file, 10));
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
