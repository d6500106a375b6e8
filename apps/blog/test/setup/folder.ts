import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { blogFolder } from "./process.ts";

/** A folder for this test alone, inside the workspace so that its packages are found from there. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(blogFolder, ".test-results/"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
