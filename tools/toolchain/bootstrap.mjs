#!/usr/bin/env node
// Usage, from the root of the repository:  node tools/toolchain/bootstrap.mjs [--] [script.ts args…]
//
// Makes sure that Node 24 and the npm packages are there, then runs the script on that Node. Without a script it
// only does the set-up. This file and the .mjs files beside it are plain JavaScript without dependencies: they
// must run on the Node a system happens to have (18 or newer), before anything is installed.
// Exit code: the script's; 128 + signal when a signal ended it; 1 when the set-up failed, 2 when it was asked wrongly.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheRoot } from "./src/cache.mjs";
import { ToolchainError } from "./src/failure.mjs";
import { nodePin, resolveNode } from "./src/node.mjs";
import { installPackages } from "./src/packages.mjs";

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/**
 * Says what is being done once `begin` is called, or when it takes longer than a moment, and how long it took.
 * @template T
 * @param {string} what
 * @param {(begin: () => void) => Promise<T>} work
 * @param {number} [momentMs] without it, only `begin` says so: who waits for another run does not do it itself
 */
async function timed(what, work, momentMs) {
  const start = Date.now();
  let said = false;
  const begin = () => {
    if (!said) say(`${what} …`);
    said = true;
  };
  const timer = momentMs === undefined ? undefined : setTimeout(begin, momentMs);
  try {
    const result = await work(begin);
    if (said) say(`${what} … done in ${Math.round((Date.now() - start) / 1000)} s`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

async function setUp() {
  const node = await timed(
    `Installing Node ${nodePin.version}`,
    () => resolveNode({ onProgress: say }),
    1_000,
  );
  await timed("Installing npm packages", (begin) =>
    installPackages({ repository, node: node.path, onInstall: begin, onProgress: say }),
  );
  return node.path;
}

/**
 * @param {string} node
 * @param {string[]} args
 */
function run(node, args) {
  const own = node.startsWith(cacheRoot()) ? [dirname(node)] : [];
  const PATH = [join(repository, "node_modules", ".bin"), ...own, process.env.PATH ?? ""].join(delimiter);
  const child = spawn(node, args, { stdio: "inherit", env: { ...process.env, PATH } });
  // A terminal sends Ctrl-C to the whole process group, the script included: sending it on would be a second one.
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on("SIGINT", () => terminal || child.kill("SIGINT"));
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(new ToolchainError(`${node} could not be started: ${error.message}`)));
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
}

/** @param {unknown} error */
function fail(error) {
  const known = error instanceof ToolchainError;
  say(known ? error.message : String(error instanceof Error ? error.stack : error));
  process.exitCode = known ? error.exitCode : 1;
}

const args = process.argv.slice(2);
if (args[0] === "--") args.shift();
try {
  const node = await setUp();
  if (args.length > 0) run(node, args);
} catch (error) {
  fail(error);
}
