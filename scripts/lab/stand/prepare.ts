import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { targetFrom } from "../../lib/cluster/target.ts";
import { usage } from "../../lib/failure.ts";
import { ourNamespaces, removeNamespace } from "../../lib/install/namespace.ts";
import { artifacts } from "../../lib/paths.ts";
import { runSteps, type Say } from "../../lib/progress.ts";
import { setStage } from "../../lib/stage.ts";
import { buildId } from "../build-id.ts";
import type { Choice } from "../selection.ts";
import { buildStartupImages, startupImageNames } from "../startup/images.ts";
import { migratesAtStart } from "../strategies.ts";
import { releases } from "../trials.ts";
import type { Stage } from "./stage.ts";

/** Brings what the cells stand on to where the first of them can be measured; `rates` and `environment` come later. */
export async function prepare(choices: readonly Choice[]): Promise<Stage> {
  const target = targetFrom(process.env);
  const { stage: common, steps } = setStage(target, releases);
  const stage = common as Stage;
  await runSteps([...steps, { title: "The lab", run: (say) => furnish(stage, choices, say) }]);
  return stage;
}

async function furnish(stage: Stage, choices: readonly Choice[], say: Say): Promise<void> {
  const { cluster, images } = stage;
  if (!cluster.nodePorts)
    throw usage("The holding page switches a NodePort: please give NODE_PORT, or leave KUBE_CONTEXT out.");
  stage.startup = await startupImageNames(cluster.imagePrefix, images);
  // Half a minute, for which only those should wait who ask for them.
  if (choices.some(({ strategy }) => migratesAtStart(strategy)))
    await cluster.offer(Object.values(await buildStartupImages(cluster.imagePrefix, images, say)), say);
  stage.k6 = (await resolveTool("k6", { onProgress: say })).path;
  stage.helm3 = (await resolveTool("helm3", { onProgress: say })).path;
  stage.build = await buildId(images, stage.startup);
  stage.folder = join(artifacts, "lab", stage.build);
  // They share one NodePort with the scenarios.
  for (const prefix of ["lab-", "e2e-"])
    for (const left of await ourNamespaces(cluster, prefix)) await removeNamespace(cluster, left);
}
