import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type BuildOptions, build, transform } from "esbuild";
import { builtinsWithoutFacade, importedLater } from "./build-plugins.ts";

/** `node build.ts [folder]` */
const out = process.argv[2] ?? join(import.meta.dirname, "dist");
const KB = 1024;
/** A node that has the base image pulls only this, once per pod that starts there. */
const LIMITS = { "without pg": 60 * KB, "with pg": 300 * KB };

const source = (name: string) => join(import.meta.dirname, "src", name);
const options = {
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22",
  minify: true,
  metafile: true,
  write: false,
  // pg's native driver is a package of its own, which nobody installs here.
  external: ["pg-native", "pg-cloudflare", "cloudflare:sockets"],
  legalComments: "none",
} as const satisfies BuildOptions;

const later = await build({
  ...options,
  // By content, so that a main file never loads those of another build.
  entryNames: "[name]-[hash]",
  entryPoints: { database: source("database.ts"), explain: source("diagnostics/explain.ts") },
  plugins: [builtinsWithoutFacade],
});
const names = new Map(
  later.outputFiles.map(({ path }) => [basename(path).replace(/-[^-]+$/, ""), basename(path)]),
);
const nodeVersion = await readFile(join(import.meta.dirname, "bin/node-version.mjs"), "utf8");
const main = await build({
  ...options,
  banner: { js: (await transform(nodeVersion, { minify: true })).code.trim() },
  entryPoints: { "wait-for-job": source("main.ts") },
  plugins: [builtinsWithoutFacade, importedLater(names)],
});

const inputs = Object.entries({ ...later.metafile.outputs, ...main.metafile.outputs });
const withPg = inputs
  .filter(([, { inputs }]) => Object.keys(inputs).some((input) => /node_modules\/pg\//.test(input)))
  .map(([path]) => basename(path));
if (withPg.length === 0) throw new Error("pg is in no bundle, so its size was not measured");
const files = [...later.outputFiles, ...main.outputFiles].map(({ path, contents }) => ({
  name: basename(path),
  contents,
  bytes: contents.length,
  pg: withPg.includes(basename(path)),
}));

// Each file is put in place whole, the main one after those it loads, and old ones go last: an image build or a gate
// that reads this folder meanwhile finds one build or the other.
await mkdir(out, { recursive: true });
for (const { name, contents } of files) {
  const unfinished = join(out, `.${name}.${process.pid}`);
  await writeFile(unfinished, contents);
  await rename(unfinished, join(out, name));
}
for (const name of await readdir(out)) {
  if (!files.some((file) => file.name === name)) await rm(join(out, name), { recursive: true, force: true });
}

const sizes = {
  "without pg": sum(files.filter((one) => !one.pg)),
  "with pg": sum(files),
};
for (const [what, limit] of Object.entries(LIMITS) as [keyof typeof sizes, number][]) {
  const line = `wait-for-job ${what}: ${(sizes[what] / KB).toFixed(1)} KB (limit ${limit / KB} KB)`;
  if (sizes[what] > limit) {
    console.error(`${line}: too large`);
    process.exitCode = 1;
  } else console.log(line);
}

function sum(of: readonly { bytes: number }[]): number {
  return of.reduce((total, one) => total + one.bytes, 0);
}
