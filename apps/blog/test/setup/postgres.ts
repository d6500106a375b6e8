import { startPostgres } from "@schema-rollout/scratch-postgres";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    adminUrl: string;
  }
}

/** One server for all test files; each makes databases of its own. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  provide("adminUrl", server.adminUrl);
  return () => server.stop();
}
