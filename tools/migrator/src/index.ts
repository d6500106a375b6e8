export { MigratorError } from "./errors.ts";
export { ExitCode, exitCodes } from "./exit-codes.ts";
export { type BuildOptions, buildMigrations } from "./migrations/build.ts";
export { describeMigrations, readMigrations } from "./migrations/read.ts";
export type { LoadedMigration, Manifest, ManifestEntry, Phase } from "./migrations/types.ts";
