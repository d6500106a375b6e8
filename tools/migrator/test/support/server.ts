import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PostgresVersion, startPostgres } from "@schema-rollout/scratch-postgres";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    adminUrl: string;
    /** Major version of that server. */
    postgres: PostgresVersion;
    /** The bundle that ships, built outside the repository: it must need nothing beside it. */
    program: string;
  }
}

export default async function setup(project: TestProject) {
  const dist = await mkdtemp(join(tmpdir(), "migrator-dist-"));
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "..", "build.ts"), dist]);
  // As in the image. Compiling is half of what it takes to start, and the tests start it a thousand times.
  execFileSync(process.execPath, [join(dist, "migrator.mjs"), "--help"], {
    env: { PATH: process.env.PATH, CODE_CACHE: "write" },
  });
  const postgres = project.name === "postgres-15" ? "15" : "18";
  // Nothing here has to outlive a power cut, and hundreds of databases are made and dropped.
  const settings = {
    fsync: "off",
    full_page_writes: "off",
    // Passwords here keep nothing safe, and thousands of sessions log in. Before 16 there is no such setting.
    ...(postgres === "18" && { scram_iterations: "1" }),
  };
  const server = await startPostgres({ version: postgres, settings });
  project.provide("postgres", postgres);
  project.provide("adminUrl", server.adminUrl);
  project.provide("program", join(dist, "migrator.mjs"));
  return async () => {
    await server.stop();
    await rm(dist, { recursive: true, force: true });
  };
}
