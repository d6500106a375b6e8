import { join } from "node:path";
import { targetFrom } from "../cluster/target.ts";
import { firstRunNotice } from "../first-run.ts";
import { ensureSharedDatabase } from "../install/shared-database.ts";
import { root } from "../paths.ts";
import { runSteps, type Step } from "../progress.ts";
import { knownReleases } from "../release/releases.ts";
import { type Stage, setStage } from "../stage.ts";
import { forgetKept } from "./kept.ts";
import { imagesFile, imagesVariable, keepImages } from "./kept-stage.ts";
import { lanesVariable } from "./lanes.ts";
import { forget, reported } from "./reports.ts";
import { shown } from "./shown.ts";
import { add, type Totals } from "./totals.ts";

export interface Scenarios {
  /** Also those that take long (e2e/full). */
  full?: boolean;
  /** Parts of file names; without any, all of the set. */
  only?: string[];
}

/** As steps of their own: a first run builds tools for longer than any test may take. */
async function beforeScenarios(): Promise<{ stage: Stage; steps: Step[] }> {
  const { stage, steps } = setStage(targetFrom(process.env), await knownReleases());
  const database = {
    title: "PostgreSQL that scenarios share",
    run: () => ensureSharedDatabase(stage.cluster, stage.images),
  };
  return { stage, steps: [...steps, database] };
}

/**
 * Does what the scenarios begin with while something else runs: most of it is waiting for a cluster. Not on a first run,
 * which has tools to build, and says so.
 */
export async function prepareEndToEnd(): Promise<void> {
  if (await firstRunNotice()) return;
  const { steps } = await beforeScenarios();
  for (const { run } of steps) await run(quietly, quietly);
}
const quietly = () => {};

/**
 * Scenarios on the cluster: two at a time where it has two ways in, then those that must be alone. One that is named is
 * alone, with all of the load.
 */
export async function endToEnd({ full = false, only = [] }: Scenarios = {}): Promise<Totals> {
  const { stage, steps } = await beforeScenarios();
  await runSteps(steps);
  await keepImages(stage.images);
  await forget("e2e");
  await forgetKept();
  const lanes = stage.cluster.beside && only.length !== 1;
  const env = {
    ...process.env,
    [imagesVariable]: imagesFile,
    ...(lanes && { [lanesVariable]: "2" }),
    ...(full && { E2E_SET: "full" }),
  };
  const { exitCode } = await shown({ cwd: join(root, "e2e"), env })`vitest run ${only}`;
  const totals = await reported("e2e");
  return exitCode !== 0 && totals.failed === 0 ? add(totals, { passed: 0, failed: 1 }) : totals;
}
