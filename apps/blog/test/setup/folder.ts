import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { blogFolder } from "./process.ts";

/** A new folder inside the workspace, so that its packages are found from there. */
export async function createFolder(): Promise<string> {
  const parent = join(blogFolder, ".test-results");
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, "folder-"));
}

/** The same for one test, removed after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await createFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
