import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderReport } from "./render.ts";
import type { RunRecord } from "./run.ts";

export const recordFile = "run.json";
export const reportFile = "report.html";

/** Writes what was seen of a run, and the page made of it. */
export async function writeReport(folder: string, run: RunRecord): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, recordFile), `${JSON.stringify(run)}\n`);
  await writeFile(join(folder, reportFile), renderReport(run));
}
