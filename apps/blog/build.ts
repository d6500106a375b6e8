import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleProgram } from "@schema-rollout/code-cache";
import { buildMigrations } from "@schema-rollout/migrator";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { migrationFolders } from "./migration-folders.ts";
import { levelOf, type Release } from "./src/release.ts";

const root = import.meta.dirname;

/** The releases that can be built: one file each in src/releases/. */
export async function releaseNames(): Promise<string[]> {
  const files = await readdir(join(root, "src/releases"));
  return files.map((file) => file.replace(/\.ts$/, "")).sort();
}

/**
 * Builds one release into dist/<release>/: app/ (the program, and that of its thread) and migrations/ and commands/ for its images, release.json for the
 * chart, and api-suite/, which holds a blog at any URL to this release's API. What did not change keeps its files
 * untouched.
 */
export async function buildRelease(name: string, dist = join(root, "dist")): Promise<void> {
  await mkdir(dist, { recursive: true });
  const fresh = await mkdtemp(join(dist, `.${name}-`));
  try {
    const release: Release = await import(`./src/releases/${name}.ts`);
    const alias = {
      "#release": `./src/releases/${name}.ts`,
      "#api-suite": `./api-suite/${release.api}.ts`,
    };
    await bundleProgram(join(fresh, "app/blog.mjs"), bundled("src/main.ts", alias));
    await bundle("src/markdown/worker.ts", join(fresh, "app/markdown.mjs"), alias);
    await bundle("commands/seed.ts", join(fresh, "commands/seed.mjs"), alias);
    await bundle("api-suite/main.ts", join(fresh, "api-suite/api-suite.mjs"), alias);
    const { schemaKey, level, migrations } = await buildMigrations({
      from: migrationFolders,
      names: release.migrations,
      to: join(fresh, "migrations"),
    });
    // The app derives its level from the same list; were the two ever to differ, the gates would not hold.
    if (levelOf(release.migrations) !== level) throw new Error(`${name}: level ${level} is not the app's.`);
    const facts = {
      version: release.version,
      schemaKey,
      level,
      // Whether anything is left to do once the rollout is over.
      contract: migrations.some(({ phase }) => phase !== "expand"),
    };
    await writeFile(join(fresh, "release.json"), `${JSON.stringify(facts, undefined, 2)}\n`);
    await replaceChanged(fresh, join(dist, name));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

// Bundled CommonJS calls require() for Node's own modules.
const banner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

const bundled = (entry: string, alias: Record<string, string>) =>
  ({
    absWorkingDir: root,
    entryPoints: [entry],
    minify: true,
    // TypeORM goes by class names.
    keepNames: true,
    alias,
    plugins: [inlineContent, workerBeside],
    // Loaded by TypeORM and pg only on request, which never comes here.
    external: ["pg-native", "pg-query-stream"],
    logLevel: "warning",
  }) satisfies BuildOptions;

/** What the migrator imports, or what runs once in a while. */
const bundle = (entry: string, outfile: string, alias: Record<string, string>) =>
  build({
    ...bundled(entry, alias),
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    banner: { js: banner },
  });

/** What the program's thread runs is a file beside the program. */
const workerBeside: Plugin = {
  name: "worker-beside",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]markdown[\\/]worker-file\.ts$/ }, () => ({
      contents: 'export const workerFile = new URL("./markdown.mjs", import.meta.url);',
      loader: "js",
    }));
  },
};

/** Puts the posts themselves, and the script of a page, where the sources read files. */
const inlineContent: Plugin = {
  name: "inline-content",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](content[\\/]read|live[\\/]script)\.ts$/ }, async ({ path }) => {
      const read = Object.entries(await import(path));
      const lines = read.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`);
      return { contents: lines.join("\n"), loader: "js" };
    });
  },
};

/** Makes `to` equal to `from`, writing only files whose bytes differ. */
async function replaceChanged(from: string, to: string): Promise<void> {
  const wanted = await filesBelow(from);
  for (const file of await filesBelow(to)) if (!wanted.includes(file)) await rm(join(to, file));
  for (const file of wanted) {
    const [next, now] = await Promise.all([
      readFile(join(from, file)),
      readFile(join(to, file)).catch(() => undefined),
    ]);
    if (now && next.equals(now)) continue;
    await mkdir(dirname(join(to, file)), { recursive: true });
    await rename(join(from, file), join(to, file));
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const names = await releaseNames();
  await Promise.all(names.map((name) => buildRelease(name)));
  console.log(`built ${names.join(", ")} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
