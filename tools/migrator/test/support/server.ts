import { startPostgres } from "@schema-rollout/scratch-postgres";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    adminUrl: string;
  }
}

export default async function setup(project: TestProject) {
  const server = await startPostgres();
  project.provide("adminUrl", server.adminUrl);
  return () => server.stop();
}
