import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../paths.ts";
import { type Totals, vitestTotals } from "./totals.ts";

const reportOf = (workspace: string) => join(root, workspace, ".test-results/vitest.json");

/** Without this, a run that crashes would be counted by the report of the one before. */
export const forget = (workspace: string) => rm(reportOf(workspace), { force: true });

/** The totals of a workspace's last run; one that left no report has failed. */
export async function reported(workspace: string): Promise<Totals> {
  const text = await readFile(reportOf(workspace), "utf8").catch(() => undefined);
  if (text !== undefined) return vitestTotals(JSON.parse(text));
  console.error(`${workspace} left no test report; that counts as a failure.`);
  return { passed: 0, failed: 1 };
}
