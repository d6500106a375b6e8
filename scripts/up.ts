import { targetFrom } from "./lib/cluster/target.ts";
import { runSteps } from "./lib/progress.ts";
import { knownReleases } from "./lib/release/releases.ts";
import { setStage } from "./lib/stage.ts";
import { verb } from "./lib/verb.ts";

/** Cluster and images, ready for `make deploy` and `make demo`. What is there already is left as it is. */
await verb(
  "up",
  async () => {
    const { stage, steps } = setStage(targetFrom(process.env), await knownReleases());
    await runSteps(steps);
    console.log(`\nReady. For kubectl and helm: export KUBECONFIG=${stage.cluster.kubeconfig}`);
    console.log("Next: make demo, or make deploy RELEASE=v1");
    return 0;
  },
  { checks: [() => targetFrom(process.env)] },
);
