import { type Cluster, ensureCluster } from "./cluster/index.ts";
import type { Target } from "./cluster/target.ts";
import { firstRunNotice } from "./first-run.ts";
import { allOf, buildImages, bundle, type Images } from "./images/index.ts";
import type { Step } from "./progress.ts";

/** What every verb stands on: a cluster that has the images. */
export interface Stage {
  cluster: Cluster;
  images: Images;
}

/** The steps that set the stage; its fields are filled once they have run. */
export function setStage(target: Target, releases: string[]): { stage: Stage; steps: Step[] } {
  const stage = {} as Stage;
  let bundled: Promise<void> | undefined;
  return {
    stage,
    steps: [
      {
        title: "Tools and cluster",
        run: async (say, retitle) => {
          const notice = await firstRunNotice();
          if (notice) say(notice);
          // Beside the making of the cluster: that takes some 10 s longer so, and both are done 15 s sooner (two slow cores).
          // A failure is told where the outcome is needed.
          bundled = bundle();
          bundled.catch(() => {});
          stage.cluster = await ensureCluster(target, say);
          retitle(`Cluster ${stage.cluster.context}`);
        },
      },
      {
        title: `Images of ${releases.join(", ")}`,
        run: async (say) => {
          say("bundling");
          await bundled;
          stage.images = await buildImages(stage.cluster.imagePrefix, releases, say);
          await stage.cluster.offer(allOf(stage.images), say);
        },
      },
    ],
  };
}
