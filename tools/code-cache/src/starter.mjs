// Runs the program beside it, NAME.cjs of this NAME.mjs, with what V8 compiled of it before: NAME.cache. About half of what a
// large program takes to start is compiling it. Without that file, or with one of another Node.js, it is compiled as ever.
//
// CODE_CACHE=write    the file is written when the program ends, and the exit code is 0: whatever the program came to, all
//                     that counts is what was compiled until then
// CODE_CACHE=require  without a file that fits the program does not start
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const name = fileURLToPath(import.meta.url).replace(/\.mjs$/, "");
// Bundles are made for this one; an older one would fail somewhere inside, with a stack and a code of its own.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`${basename(name)} needs Node.js 22.18 or newer; this is ${process.version}.`);
  process.exit(2);
}
const program = `${name}.cjs`;
const cache = `${name}.cache`;
const mode = process.env.CODE_CACHE;

const cachedData = mode === "write" ? undefined : readIfThere(cache);
const script = new vm.Script(
  // On the program's first line, so that line numbers in stacks are those of the file.
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(program, "utf8")}\n})`,
  { filename: program, cachedData, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
);
if (mode === "require" && (cachedData === undefined || script.cachedDataRejected)) {
  const why =
    cachedData === undefined
      ? "is not there, or cannot be read"
      : `is of another program or Node.js than ${process.version}`;
  console.error(`${cache} ${why}. With CODE_CACHE=write in the environment, running the program writes it.`);
  process.exit(1);
}
// Node's own cache, NODE_COMPILE_CACHE, is taken before anything ran, and lacks all that is compiled when it is called.
if (mode === "write")
  process.on("exit", () => {
    writeFileSync(cache, script.createCachedData());
    process.exitCode = 0;
  });

// Of that loader Node says at the first import() that it is experimental: to people who did not choose it.
const { emitWarning } = process;
process.emitWarning = (/** @type {string | Error} */ warning, /** @type {any[]} */ ...more) => {
  if (!String(warning).startsWith("vm.USE_MAIN_CONTEXT_DEFAULT_LOADER"))
    emitWarning.call(process, warning, ...more);
};

const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(program), module, program, dirname(program));

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    // Not there, or not to be read: no reason not to start. CODE_CACHE=require says so.
    return undefined;
  }
}
