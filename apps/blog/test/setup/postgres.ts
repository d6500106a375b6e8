import { startPostgres } from "@schema-rollout/scratch-postgres";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    adminUrl: string;
  }
}

/** One server for all test files; each makes databases of its own. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  // Nothing here has to outlive a power cut.
  const server = await startPostgres({ settings: { fsync: "off", full_page_writes: "off" } });
  provide("adminUrl", server.adminUrl);
  return () => server.stop();
}
