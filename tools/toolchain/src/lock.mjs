import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A lock of another machine (a shared home folder) cannot be probed; after this long it counts as left behind. */
const FOREIGN_LOCK_MS = 2 * 60 * 60 * 1000;

/**
 * Runs `work` while no other process runs under the same lock file. The file names its owner, so a lock left by
 * a killed process is recognised and taken over at once, and one of a live process is never broken, however
 * long it works.
 * @template T
 * @param {string} file
 * @param {{ onWait?: (owner: string) => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, options, work) {
  const mine = `${process.pid} ${startOf(process.pid)} ${Math.random().toString(36).slice(2)} ${hostname()}`;
  await mkdir(dirname(file), { recursive: true });
  for (let waited = false; !(await take(file, mine)); ) {
    const owner = await ownerOf(file);
    if (owner === undefined) continue;
    if (!(await isAlive(file, owner))) {
      await breakStale(file, owner);
      continue;
    }
    if (!waited) options.onWait?.(owner.split(" ")[0] ?? "?");
    waited = true;
    await sleep(100 + Math.random() * 100);
  }
  try {
    return await work();
  } finally {
    if ((await ownerOf(file)) === mine) await rm(file, { force: true });
  }
}

/**
 * True while the process that made this mark (`pid start`) runs on this machine.
 * @param {number} pid
 * @param {string} start
 */
export function isRunning(pid, start) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
  // The same pid may since belong to another process; its start time tells them apart where /proc is there.
  const now = startOf(pid);
  return now === start || now === "0" || start === "0";
}

/**
 * When the process began, in ticks since boot; "0" where the system does not tell.
 * @param {number} pid
 */
export function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
  } catch {
    return "0";
  }
}

/**
 * The owner is written first and linked into place, so nobody ever reads a lock without an owner.
 * @param {string} file
 * @param {string} mine
 */
async function take(file, mine) {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, mine);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** @param {string} file */
async function ownerOf(file) {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * @param {string} file
 * @param {string} owner
 */
async function isAlive(file, owner) {
  const [pid = "", start = "0", , host] = owner.split(" ");
  if (host === hostname()) return isRunning(Number(pid), start);
  const age = await stat(file).then(
    (s) => Date.now() - s.mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  return age < FOREIGN_LOCK_MS;
}

/**
 * Two processes may find the same dead owner. The lock is moved aside and read again, so that the slower one
 * puts back a lock which the faster one has taken meanwhile.
 * @param {string} file
 * @param {string} owner
 */
async function breakStale(file, owner) {
  const aside = `${file}.stale.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return;
    throw error;
  }
  if ((await ownerOf(aside)) !== owner) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}
