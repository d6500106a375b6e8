import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { artifacts } from "../paths.ts";

/** A folder a line, of each scenario that failed: written by e2e/scenario/evidence.ts. */
export const keptEvidence = join(artifacts, "e2e/failures.txt");

export const forgetKept = () => rm(keptEvidence, { force: true });

/** Where to look, for the end of a run that failed; undefined when nothing was kept. */
export async function whereToLook(): Promise<string | undefined> {
  const text = await readFile(keptEvidence, "utf8").catch(() => "");
  const folders = [...new Set(text.split("\n").filter(Boolean))];
  return folders.length === 0
    ? undefined
    : `Logs, events and objects of what failed, with the load's output and report beside them: ${folders.join(", ")}`;
}
