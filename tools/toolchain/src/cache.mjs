import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { explainDisk } from "./failure.mjs";
import { isRunning, startOf, withLock } from "./lock.mjs";

/**
 * @typedef {object} CacheOptions
 * @property {string} name first part of the entry's folder name, and what messages call it
 * @property {unknown} inputs everything the result depends on (plain JSON); a change makes another entry
 * @property {string} [root] cache folder; default `cacheRoot()`
 * @property {(text: string) => void} [onProgress]
 */

/**
 * `${XDG_CACHE_HOME:-~/.cache}/schema-rollout`
 * @param {NodeJS.ProcessEnv} [env]
 */
export function cacheRoot(env = process.env) {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "schema-rollout");
}

/**
 * The folder of an entry, whether it is there or not.
 * @param {CacheOptions} options
 */
export function entryDir(options) {
  return join(options.root ?? cacheRoot(), `${options.name}-${hashOf(options.inputs)}`);
}

/**
 * The folder of an entry when it is there.
 * @param {CacheOptions} options
 * @returns {Promise<string | undefined>}
 */
export async function lookUp(options) {
  const dir = entryDir(options);
  return (await isFolder(dir)) ? dir : undefined;
}

/**
 * Returns the folder `<root>/<name>-<hash of inputs>`, made by `build` when it is not there yet.
 * `build` fills a temporary folder beside it, which is renamed at the end: an entry is whole or absent.
 * Of two processes that want the same entry, one builds and the other waits and says so.
 * @param {CacheOptions} options
 * @param {(dir: string) => Promise<void>} build
 * @returns {Promise<string>}
 */
export async function cached(options, build) {
  const root = options.root ?? cacheRoot();
  const dir = entryDir(options);
  if (await isFolder(dir)) return dir;
  try {
    return await withLock(
      join(root, ".locks", `${options.name}-${hashOf(options.inputs)}`),
      {
        onWait: (pid) =>
          options.onProgress?.(`${options.name}: waiting for process ${pid}, which is making it`),
      },
      async () => {
        if (await isFolder(dir)) return dir;
        await removeLeftovers(root);
        const temporary = join(root, `.tmp-${process.pid}-${startOf(process.pid)}-${unique()}`);
        try {
          await mkdir(temporary, { recursive: true });
          await build(temporary);
          await rename(temporary, dir);
        } catch (error) {
          await rm(temporary, { recursive: true, force: true });
          throw error;
        }
        return dir;
      },
    );
  } catch (error) {
    throw explainDisk(error, root);
  }
}

/**
 * Twelve hex digits of the SHA-256 of plain JSON, whatever the order of its keys.
 * @param {unknown} inputs
 */
export function hashOf(inputs) {
  return createHash("sha256")
    .update(JSON.stringify(sorted(inputs)))
    .digest("hex")
    .slice(0, 12);
}

/**
 * Relative path and SHA-256 of every file below a folder, for the inputs of an entry.
 * @param {string} folder
 * @returns {Promise<Record<string, string>>}
 */
export async function hashFolder(folder) {
  /** @type {Record<string, string>} */
  const files = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // Node 18 calls the parent folder `path`.
    const parent = entry.parentPath ?? /** @type {{ path: string }} */ (/** @type {unknown} */ (entry)).path;
    const file = join(parent, entry.name);
    files[relative(folder, file)] = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
  }
  return files;
}

/**
 * Removes the temporary folders of processes that are gone. Those of live ones are named after them and stay.
 * @param {string} root
 */
async function removeLeftovers(root) {
  for (const name of await readdir(root)) {
    const owner = /^\.tmp-(\d+)-(\d+)-/.exec(name);
    if (owner === null || isRunning(Number(owner[1]), owner[2] ?? "0")) continue;
    await rm(join(root, name), { recursive: true, force: true });
  }
}

/** @param {string} path */
async function isFolder(path) {
  return stat(path).then(
    (s) => s.isDirectory(),
    () => false,
  );
}

/** @param {unknown} value @returns {unknown} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

const unique = () => Math.random().toString(36).slice(2, 10);
