import { copyFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundleProgram } from "@schema-rollout/code-cache";

const here = import.meta.dirname;
// `node build.ts DIR` builds elsewhere.
const out = process.argv[2] ?? join(here, "dist");

await rm(out, { recursive: true, force: true });
await bundleProgram(join(out, "migrator.mjs"), {
  entryPoints: [join(here, "src", "main.ts")],
  absWorkingDir: here,
  minify: true,
  // TypeORM compares class names (QueryFailedError, DataSource), so they must survive.
  keepNames: true,
  legalComments: "none",
  // Loaded by their users only, inside a try: pg without its C++ binding, TypeORM without other databases' drivers.
  // A scratch PostgreSQL and squawk are whole programs: found where they are installed, else given by an option.
  external: ["pg-native", "pg-query-stream", "@schema-rollout/scratch-postgres", "squawk-cli"],
  logLevel: "warning",
});
// The parser looks for it beside the program, and reads it when SQL must be understood.
const parser = dirname(createRequire(import.meta.url).resolve("libpg-query"));
await copyFile(join(parser, "libpg-query.wasm"), join(out, "libpg-query.wasm"));
const { size } = await stat(join(out, "migrator.cjs"));
console.log(`migrator.cjs ${(size / 1024 / 1024).toFixed(2)} MB`);
