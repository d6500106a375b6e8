import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
// `node build.ts DIR` builds elsewhere.
const out = process.argv[2] ?? join(here, "dist");
const outfile = join(out, "migrator.mjs");

await rm(out, { recursive: true, force: true });
await build({
  entryPoints: [join(here, "src", "main.ts")],
  outfile,
  absWorkingDir: here,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node22",
  minify: true,
  // TypeORM compares class names (QueryFailedError, DataSource), so they must survive.
  keepNames: true,
  legalComments: "none",
  // Loaded by their users only, inside a try: pg without its C++ binding, TypeORM without other databases' drivers.
  // A scratch PostgreSQL and squawk are whole programs: found where they are installed, else given by an option.
  external: ["pg-native", "pg-query-stream", "@schema-rollout/scratch-postgres", "squawk-cli"],
  // TypeORM and pg are CommonJS and call require("fs").
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
const { size } = await stat(outfile);
console.log(`migrator.mjs ${(size / 1024 / 1024).toFixed(2)} MB`);
