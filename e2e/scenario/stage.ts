import { targetFrom } from "@schema-rollout/scripts/lib/cluster/target.ts";
import { knownReleases } from "@schema-rollout/scripts/lib/release/releases.ts";
import { type Stage, setStage } from "@schema-rollout/scripts/lib/stage.ts";
import { imagesVariable, keptStage } from "@schema-rollout/scripts/lib/tests/kept-stage.ts";

let stage: Promise<Stage> | undefined;

/** Cluster and images: those that the run has made already, else made once for all scenarios of this process. */
export function theStage(): Promise<Stage> {
  const kept = process.env[imagesVariable];
  stage ??= kept ? keptStage(kept) : make();
  return stage;
}

async function make(): Promise<Stage> {
  const { stage, steps } = setStage(targetFrom(process.env), await knownReleases());
  for (const { title, run } of steps) {
    console.log(title);
    await run(
      (text) => console.log(`  ${text}`),
      () => {},
    );
  }
  return stage;
}
