import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { build, type Plugin } from "esbuild";

/** `node build.ts [folder]` */
const out = process.argv[2] ?? join(import.meta.dirname, "dist");
const KB = 1024;
/** A node that has the base image pulls only this, once per pod that starts there. */
const LIMITS = { "without pg": 60 * KB, "with pg": 300 * KB };

/**
 * `import "node:fs"` makes Node read every export, and some are getters that load more (fs.promises, the whole of
 * undici behind node:http). Getting the module itself costs nothing, which is a third of the time to the first WATCH.
 * It also answers the require() calls of pg, which is CommonJS.
 */
const builtinsWithoutFacade: Plugin = {
  name: "builtins-without-facade",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path }) =>
      isBuiltin(path) ? { path, namespace: "builtin", sideEffects: false } : undefined,
    );
    onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

const { metafile, outputFiles } = await build({
  entryPoints: { "wait-for-job": join(import.meta.dirname, "src/main.ts") },
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  minify: true,
  metafile: true,
  write: false,
  // pg's native driver is a package of its own, which nobody installs here.
  external: ["pg-native", "pg-cloudflare", "cloudflare:sockets"],
  plugins: [builtinsWithoutFacade],
  legalComments: "none",
});

const withPg = Object.entries(metafile.outputs).filter(([, { inputs }]) =>
  Object.keys(inputs).some((input) => /node_modules\/pg\//.test(input)),
);
if (withPg.length === 0) throw new Error("pg is in no bundle, so its size was not measured");
const files = outputFiles.map(({ path, contents }) => ({
  name: basename(path),
  contents,
  bytes: contents.length,
  pg: withPg.some(([output]) => basename(output) === basename(path)),
}));

// Each file is put in place whole, and old chunks go last: an image build or a gate that reads this folder
// meanwhile finds one build or the other.
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
