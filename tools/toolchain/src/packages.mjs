import { createHash } from "node:crypto";
import { mkdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { cacheRoot } from "./cache.mjs";
import { explainDisk, ToolchainError } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { npm } from "./npm.mjs";

/**
 * @typedef {object} PackagesOptions
 * @property {string} repository
 * @property {string} node path of the Node that npm and every package's command shall run on
 * @property {() => void} [onInstall] called before `npm ci`
 * @property {(text: string) => void} [onProgress]
 */

/**
 * Installs the npm packages unless node_modules is already what package-lock.json says, and makes
 * `node_modules/.bin/node` the given Node, so that `npx` and npm scripts run on it whatever Node the system has.
 * @param {PackagesOptions} options
 * @returns {Promise<boolean>} whether anything was installed
 */
export async function installPackages(options) {
  const { repository, node } = options;
  const wanted = await wantedStamp(repository);
  if ((await stampOf(repository)) === wanted && (await linked(repository)) === node) return false;
  const lock = join(
    cacheRoot(),
    ".locks",
    `npm-${createHash("sha256").update(repository).digest("hex").slice(0, 12)}`,
  );
  const onWait = (/** @type {string} */ pid) =>
    options.onProgress?.(`Waiting for process ${pid}, which is installing npm packages …`);
  return withLock(lock, { onWait }, async () => {
    const install = (await stampOf(repository)) !== wanted;
    if (install) {
      options.onInstall?.();
      // While npm works, nobody may take the old stamp for the new packages.
      await rm(stampFile(repository), { force: true });
      await npmCi(repository, node);
    }
    await linkNode(repository, node);
    if (install) await replace(stampFile(repository), (draft) => writeFile(draft, wanted));
    return install;
  }).catch((error) => {
    throw explainDisk(error, repository);
  });
}

/** @param {string} repository */
const stampFile = (repository) => join(repository, "node_modules", ".schema-rollout-stamp");

/** @param {string} repository */
const nodeLink = (repository) => join(repository, "node_modules", ".bin", "node");

/**
 * package-lock.json also holds what the workspaces ask for, so these two files decide what npm installs.
 * @param {string} repository
 */
async function wantedStamp(repository) {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}\n`);
  for (const name of ["package.json", "package-lock.json"]) {
    const content = await readFile(join(repository, name)).catch((cause) => {
      throw new ToolchainError(
        `${join(repository, name)} cannot be read: run this from the root of the repository.`,
        {
          cause,
          exitCode: 2,
        },
      );
    });
    hash.update(content);
  }
  return `${hash.digest("hex")}\n`;
}

/** @param {string} repository */
const stampOf = (repository) => readFile(stampFile(repository), "utf8").catch(() => undefined);

/** @param {string} repository */
const linked = (repository) => readlink(nodeLink(repository)).catch(() => undefined);

/**
 * @param {string} repository
 * @param {string} node
 */
async function npmCi(repository, node) {
  const PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  await npm(["ci", "--no-audit", "--no-fund"], { cwd: repository, env: { ...process.env, PATH } });
}

/**
 * @param {string} repository
 * @param {string} node
 */
async function linkNode(repository, node) {
  const link = nodeLink(repository);
  // A repository without commands has no .bin of its own.
  await mkdir(dirname(link), { recursive: true });
  if ((await linked(repository)) !== node) await replace(link, (draft) => symlink(node, draft));
}

/**
 * @param {string} file
 * @param {(draft: string) => Promise<void>} write
 */
async function replace(file, write) {
  const draft = `${file}.${process.pid}`;
  await rm(draft, { force: true });
  await write(draft);
  await rename(draft, file);
}
