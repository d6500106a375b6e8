import { helm, kubectl } from "./lib/cluster/access.ts";
import { targetFrom } from "./lib/cluster/target.ts";
import { deployBlog } from "./lib/install/blog.ts";
import { databaseStatus, installDatabase } from "./lib/install/database.ts";
import { ensureNamespace } from "./lib/install/namespace.ts";
import { waitForBlog } from "./lib/install/ready.ts";
import { seed } from "./lib/install/seed.ts";
import { runSteps } from "./lib/progress.ts";
import { releaseFacts } from "./lib/release/releases.ts";
import { setStage } from "./lib/stage.ts";
import { verb } from "./lib/verb.ts";

const namespace = "blog";

/** Installs the blog, or upgrades the one that is there, to RELEASE. Data is kept. */
await verb(
  "deploy",
  async () => {
    const release = process.env.RELEASE || "v1";
    const { stage, steps } = setStage(targetFrom(process.env), [release]);
    await runSteps([
      ...steps,
      {
        title: "PostgreSQL",
        run: async (say, retitle) => {
          const status = await databaseStatus(stage.cluster, namespace);
          if (status === "deployed") return retitle("PostgreSQL is there");
          await ensureNamespace(stage.cluster, namespace);
          // An install that was interrupted cannot be upgraded. Secrets and volume stay, so the data does.
          if (status) await helm(stage.cluster, ["uninstall", "postgres", "-n", namespace, "--wait"]);
          say("installing");
          await installDatabase(stage.cluster, namespace, stage.images);
        },
      },
      {
        title: `Blog ${release}`,
        run: async (say) => {
          const { cluster, images } = stage;
          await deployBlog(cluster, { namespace, release, images, nodePort: cluster.nodePorts?.demo });
          await waitForBlog(cluster, namespace, cluster.urls.demo, say);
          say("importing the posts");
          await kubectl(cluster, ["-n", namespace, "delete", "job/blog-seed", "--ignore-not-found"]);
          await seed(cluster, namespace, images.releases[release]?.migrations ?? "");
        },
      },
    ]);
    console.log(`\nThe blog ${release} answers at ${stage.cluster.urls.demo}`);
    if ((await releaseFacts(release)).contract) {
      console.log(
        `Its backfill and contract follow: kubectl --kubeconfig ${stage.cluster.kubeconfig} -n ${namespace} logs -f -l app.kubernetes.io/component=contract`,
      );
    }
    return 0;
  },
  { checks: [() => targetFrom(process.env)] },
);
