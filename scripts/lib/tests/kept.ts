import { readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { artifacts, root } from "../paths.ts";

/** A folder for each test on the cluster that failed: written by e2e/scenario/evidence.ts. */
export const evidence = join(artifacts, "e2e/failures");

export const forgetKept = (folder = evidence) => rm(folder, { recursive: true, force: true });

/** Where to look, for the end of a run that failed; undefined when nothing was kept. */
export async function whereToLook(folder = evidence): Promise<string | undefined> {
  const kept = (await readdir(folder).catch(() => [])).sort();
  return kept.length === 0
    ? undefined
    : `Logs, events and objects of what failed, and the load's output and report: ${kept.map((name) => relative(root, join(folder, name))).join(", ")}`;
}
