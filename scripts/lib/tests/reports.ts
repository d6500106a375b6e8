import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../paths.ts";
import { type Totals, vitestTotals } from "./totals.ts";

const reportOf = (workspace: string, name: string) => join(root, workspace, `.test-results/${name}.json`);

/** Without this, a run that crashes would be counted by the report of the one before. */
export const forget = (workspace: string, name = "vitest") => rm(reportOf(workspace, name), { force: true });

/** The totals of a workspace's last run; one that left no report has failed. */
export async function reported(workspace: string, name = "vitest"): Promise<Totals> {
  const text = await readFile(reportOf(workspace, name), "utf8").catch(() => undefined);
  if (text !== undefined) return vitestTotals(JSON.parse(text));
  console.error(`${workspace} left no test report; that counts as a failure.`);
  return { passed: 0, failed: 1 };
}
