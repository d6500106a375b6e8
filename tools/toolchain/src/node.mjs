import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { cached, lookUp } from "./cache.mjs";
import { download, NotAvailable, publishedChecksum, verify } from "./download.mjs";
import { ChecksumError, ToolchainError } from "./failure.mjs";
import { npm } from "./npm.mjs";

const run = promisify(execFile);

/**
 * @typedef {{ file: string, sha256: string | null, npm?: { package: string, integrity: string } }} NodeAsset
 * @typedef {{ version: string, url: string, checksums: string, platforms: Record<string, NodeAsset> }} NodePin
 * @typedef {{ root?: string, path?: string, onProgress?: (text: string) => void }} NodeOptions
 */

/** What pins.json says about Node. Read here without zod: nothing is installed yet when the bootstrap runs. */
/** @type {NodePin} */
export const nodePin = createRequire(import.meta.url)("../pins.json").node;

/**
 * Type stripping without a flag: Node 22.18, 23.6, and everything from 24 on.
 * @param {string} version
 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/**
 * The Node to run everything on: from the cache, from PATH when it is new enough, from nodejs.org, or from npm.
 * @param {NodeOptions} [options]
 * @param {NodePin} [pin]
 * @returns {Promise<{ path: string, version: string, source: "cache" | "path" | "release" | "npm" }>}
 */
export async function resolveNode(options = {}, pin = nodePin) {
  const { version } = pin;
  const asset = pin.platforms[`${process.platform}-${process.arch}`];
  const entry = { ...options, name: "node", inputs: { version, asset } };
  const known = await lookUp(entry);
  if (known) return { path: join(known, "bin", "node"), version, source: "cache" };
  const found = await onPath(options.path ?? process.env.PATH ?? "");
  if (found) return { ...found, source: "path" };
  if (asset === undefined)
    throw new ToolchainError(
      `Node ${version} is not published for ${process.platform}-${process.arch}: install Node 22.18 or newer from https://nodejs.org/.`,
    );

  /** @type {"cache" | "release" | "npm"} */
  let source = "cache";
  const dir = await cached(entry, async (dir) => {
    source = (await fromRelease(pin, asset, dir, options)) ? "release" : "npm";
    if (source === "npm") await fromNpm(pin, asset, dir);
    await run(join(dir, "bin", "node"), ["--version"]);
  });
  return { path: join(dir, "bin", "node"), version, source };
}

/** @param {string} path */
async function onPath(path) {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = await realpath(join(folder, "node")).catch(() => undefined);
    if (file === undefined) continue;
    const version = await run(file, ["--version"]).then(
      ({ stdout }) => stdout.trim().slice(1),
      () => "0",
    );
    if (runsTypeScript(version)) return { path: file, version };
  }
  return undefined;
}

/**
 * False when nodejs.org cannot be reached; a wrong checksum throws.
 * @param {NodePin} pin
 * @param {NodeAsset} asset
 * @param {string} dir
 * @param {NodeOptions} options
 */
async function fromRelease(pin, asset, dir, options) {
  const at = (/** @type {string} */ template) =>
    template.replace("{version}", pin.version).replace("{file}", asset.file);
  const archive = join(dir, asset.file);
  try {
    const expected = asset.sha256 ?? (await publishedChecksum(at(pin.checksums), asset.file));
    verify(at(pin.url), expected, await download(at(pin.url), archive));
  } catch (error) {
    await rm(archive, { force: true });
    if (!(error instanceof NotAvailable)) throw error;
    options.onProgress?.(`${error.message}, so Node ${pin.version} comes from npm`);
    return false;
  }
  await unpack(archive, dir);
  return true;
}

/**
 * npm's packages of the same binaries. npm itself knows which registry to ask.
 * @param {NodePin} pin
 * @param {NodeAsset} asset
 * @param {string} dir
 */
async function fromNpm(pin, asset, dir) {
  if (asset.npm === undefined)
    throw new ToolchainError(
      `Node ${pin.version} could not be downloaded: install Node 22.18 or newer from https://nodejs.org/ and run this again.`,
    );
  await npm(["pack", asset.npm.package], { cwd: dir }).catch((cause) => {
    throw new ToolchainError(
      `Node ${pin.version} could be had neither from nodejs.org nor from npm: install Node 22.18 or newer and run this again. ${cause.message}`,
      { cause },
    );
  });
  const name = (await readdir(dir)).find((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new ToolchainError(`npm pack ${asset.npm.package} left no package behind.`);
  const archive = join(dir, name);
  const integrity = `sha512-${createHash("sha512")
    .update(await readFile(archive))
    .digest("base64")}`;
  if (integrity !== asset.npm.integrity)
    throw new ChecksumError(
      `npm package ${asset.npm.package} does not have the pinned integrity (expected ${asset.npm.integrity}, got ${integrity}): it was not used.`,
    );
  await unpack(archive, dir);
}

/**
 * Both kinds of archive hold one folder with bin/ and more in it.
 * @param {string} archive
 * @param {string} dir
 */
async function unpack(archive, dir) {
  const folder = join(dir, "unpacked");
  await mkdir(folder);
  await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1", "--no-same-owner"]);
  for (const name of await readdir(folder)) await rename(join(folder, name), join(dir, name));
  await rm(folder, { recursive: true });
  await rm(archive);
}
