import { coreApi, kubectl } from "./lib/cluster/access.ts";
import { type Cluster, ensureCluster } from "./lib/cluster/index.ts";
import { targetFrom } from "./lib/cluster/target.ts";
import { allOf, buildImages, type Images } from "./lib/images/index.ts";
import { deployBlog } from "./lib/install/blog.ts";
import { installDatabase } from "./lib/install/database.ts";
import { freshNamespace } from "./lib/install/namespace.ts";
import { waitForBlog } from "./lib/install/ready.ts";
import { seed } from "./lib/install/seed.ts";
import { runSteps } from "./lib/progress.ts";
import { requireRelease } from "./lib/release/releases.ts";
import { verb } from "./lib/verb.ts";

const namespace = "blog";

/** Installs the blog, or upgrades the one that is there, to RELEASE. Data is kept. */
await verb(async () => {
  const release = process.env.RELEASE || "v1";
  await requireRelease(release);
  const target = targetFrom(process.env);
  let cluster: Cluster;
  let images: Images;
  await runSteps([
    {
      title: "Tools and cluster",
      run: async (say) => {
        cluster = await ensureCluster(target, say);
      },
    },
    {
      title: `Images of ${release}`,
      run: async (say) => {
        images = await buildImages(cluster.imagePrefix, [release], say);
        await cluster.offer(allOf(images), say);
      },
    },
    {
      title: "PostgreSQL",
      run: async (say, retitle) => {
        if (await installed(cluster)) return retitle("PostgreSQL is there");
        await freshNamespace(cluster, namespace);
        say("installing");
        await installDatabase(cluster, namespace, images);
      },
    },
    {
      title: `Blog ${release}`,
      run: async (say) => {
        await deployBlog(cluster, { namespace, release, images, nodePort: cluster.nodePorts?.demo });
        await waitForBlog(cluster, namespace, cluster.urls.demo, say);
        say("importing the posts");
        await kubectl(cluster, ["-n", namespace, "delete", "job/blog-seed", "--ignore-not-found"]);
        await seed(cluster, namespace, images.releases[release]?.migrations ?? "");
      },
    },
  ]);
  console.log(`\nThe blog ${release} answers at ${cluster!.urls.demo}`);
  return 0;
});

async function installed(cluster: Cluster): Promise<boolean> {
  const pods = await coreApi(cluster).listNamespacedPod({
    namespace,
    labelSelector: "app.kubernetes.io/instance=postgres",
  });
  return pods.items.some((pod) => pod.status?.phase === "Running");
}
