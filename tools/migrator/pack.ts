/** `node pack.ts [DIR]` writes the npm package, a tarball, into DIR (default: this folder). `npm run pack` does the same. */
import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const to = resolve(process.argv[2] ?? here);
const source = JSON.parse(await readFile(join(here, "package.json"), "utf8"));

/** Entry points of the library. In the workspace they are sources; Node strips no types inside node_modules. */
const entries: Record<string, string> = {
  ".": "index",
  "./online": "online/index",
  "./phases": "phases/index",
};

const root = await mkdtemp(join(tmpdir(), "migrator-package-"));
try {
  // The command: the same program as in the image.
  execFileSync(process.execPath, [join(here, "build.ts"), join(root, "bin")], { stdio: "inherit" });
  await prependShebang(join(root, "bin", "migrator.mjs"));
  await build({
    entryPoints: Object.values(entries).map((entry) => join(here, "src", `${entry}.ts`)),
    outdir: join(root, "lib"),
    outbase: join(here, "src"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node22",
    keepNames: true,
    logLevel: "warning",
  });
  await writeTypes(join(root, "types"));
  await copyFile(join(here, "README.md"), join(root, "README.md"));
  await writeFile(join(root, "package.json"), `${JSON.stringify(packed(), undefined, 2)}\n`);
  execFileSync("npm", ["pack", "--pack-destination", to], { cwd: root, stdio: "inherit" });
} finally {
  await rm(root, { recursive: true, force: true });
}

function packed() {
  const { name, version, description, license, type, dependencies, devDependencies } = source;
  const exports = Object.entries(entries).map(([subpath, entry]) => [
    subpath,
    { types: `./types/${entry}.d.ts`, default: `./lib/${entry}.mjs` },
  ]);
  return {
    ...{ name, version, description, license, type },
    engines: { node: ">=22.18" },
    bin: { migrator: "bin/migrator.mjs" },
    exports: Object.fromEntries(exports),
    // What the bundles leave to node_modules: commander, pg and pino are inside.
    dependencies: {
      esbuild: devDependencies.esbuild,
      "squawk-cli": dependencies["squawk-cli"],
      typeorm: dependencies.typeorm,
    },
  };
}

async function prependShebang(file: string): Promise<void> {
  await writeFile(file, `#!/usr/bin/env node\n${await readFile(file, "utf8")}`, { mode: 0o755 });
}

async function writeTypes(outDir: string): Promise<void> {
  const config = {
    extends: join(here, "tsconfig.json"),
    compilerOptions: {
      ...{ noEmit: false, declaration: true, emitDeclarationOnly: true, outDir, rootDir: join(here, "src") },
      typeRoots: [join(dirname(createRequire(import.meta.url).resolve("@types/node/package.json")), "..")],
    },
    files: Object.values(entries).map((entry) => join(here, "src", `${entry}.ts`)),
    include: [],
  };
  const file = join(root, "tsconfig.json");
  await writeFile(file, JSON.stringify(config));
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", file], { stdio: "inherit" });
  await rm(file);
}
