import { type Cluster, ensureCluster } from "./lib/cluster/index.ts";
import { targetFrom } from "./lib/cluster/target.ts";
import { allOf, buildImages } from "./lib/images/index.ts";
import { runSteps } from "./lib/progress.ts";
import { knownReleases } from "./lib/release/releases.ts";
import { verb } from "./lib/verb.ts";

/** Cluster and images, ready for `make deploy` and `make demo`. What is there already is left as it is. */
await verb(async () => {
  const target = targetFrom(process.env);
  let cluster: Cluster;
  await runSteps([
    {
      title: "Tools and cluster",
      run: async (say, retitle) => {
        cluster = await ensureCluster(target, say);
        retitle(`Cluster ${cluster.context}`);
      },
    },
    {
      title: "Images of every release",
      run: async (say) => {
        const images = await buildImages(cluster.imagePrefix, await knownReleases(), say);
        await cluster.offer(allOf(images), say);
      },
    },
  ]);
  console.log(
    `\nReady. kubectl and helm find it with KUBECONFIG=${cluster!.kubeconfig}\nNext: make demo, or make deploy RELEASE=v1`,
  );
  return 0;
});
