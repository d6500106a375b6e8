import { imageValues } from "../images/build.ts";
import type { ReleaseFacts } from "./releases.ts";

export interface ReleaseValuesInput {
  facts: ReleaseFacts;
  blog: string;
  migrations: string;
  waitForJob: string;
  nodePort?: number | undefined;
}

/** The chart values of one release: generated from what was built, never typed. */
export function releaseValues({ facts, blog, migrations, waitForJob, nodePort }: ReleaseValuesInput) {
  return {
    release: facts,
    image: imageValues(blog),
    migration: { image: imageValues(migrations) },
    gate: { image: imageValues(waitForJob) },
    database: {
      migrator: { existingSecret: "blog-migrator-database" },
      app: { existingSecret: "blog-app-database" },
    },
    ...(nodePort ? { service: { nodePort } } : {}),
  };
}
