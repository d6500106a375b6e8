import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { type Cluster, ensureCluster } from "../lib/cluster/index.ts";
import { targetFrom } from "../lib/cluster/target.ts";
import { exitCode, usage } from "../lib/failure.ts";
import { allOf, buildImages, type Images } from "../lib/images/index.ts";
import { deployBlog } from "../lib/install/blog.ts";
import { installDatabase } from "../lib/install/database.ts";
import { freshNamespace } from "../lib/install/namespace.ts";
import { waitForBlog } from "../lib/install/ready.ts";
import { seed } from "../lib/install/seed.ts";
import type { Summary } from "../lib/load/summary.ts";
import { artifacts } from "../lib/paths.ts";
import { runSteps } from "../lib/progress.ts";
import { requireRelease } from "../lib/release/releases.ts";
import { proveUnderLoad } from "../lib/rollout/under-load.ts";
import type { Verb } from "../lib/verb.ts";
import { closing } from "./closing.ts";

export const demoNamespace = "blog";
const replicas = 3;

/** The main job: install FROM, load it, upgrade to TO, judge. Exit code 0 only if the verdict is "passed". */
export async function runDemo({ signal, onEnd }: Verb): Promise<number> {
  const from = process.env.FROM || "v1";
  const to = process.env.TO || "v2";
  await requireRelease(from);
  await requireRelease(to);
  if (from === to) throw usage(`FROM and TO are both ${from}; an upgrade needs two releases.`);
  const target = targetFrom(process.env);
  const folder = join(artifacts, "demo");

  let cluster: Cluster;
  let images: Images;
  let k6: string;
  let proof: Awaited<ReturnType<typeof proveUnderLoad>>;
  let summary: Summary | undefined;
  const url = () => cluster.urls.demo;
  const nodePort = () => cluster.nodePorts?.demo;

  await runSteps([
    {
      title: "Tools and cluster",
      run: async (say, retitle) => {
        k6 = (await resolveTool("k6", { onProgress: say })).path;
        cluster = await ensureCluster(target, say);
        retitle(`Cluster ${cluster.context}`);
      },
    },
    {
      title: `Images of ${from} and ${to}`,
      run: async (say) => {
        images = await buildImages(cluster.imagePrefix, [from, to], say);
        await cluster.offer(allOf(images), say);
      },
    },
    {
      title: "PostgreSQL, with one role for migrations and one for the blog",
      run: async (say) => {
        say("making an empty namespace");
        await freshNamespace(cluster, demoNamespace);
        say("installing");
        await installDatabase(cluster, demoNamespace, images);
      },
    },
    {
      title: `Blog ${from}, ${replicas} replicas, with its posts`,
      run: async (say) => {
        await deployBlog(cluster, { namespace: demoNamespace, release: from, images, nodePort: nodePort() });
        await waitForBlog(cluster, demoNamespace, url(), say);
        say("importing the posts");
        await seed(cluster, demoNamespace, images.releases[from]?.migrations ?? "");
      },
    },
    {
      title: "Load: reads, writes and edits, on reused and on new connections",
      run: async (say) => {
        proof = await proveUnderLoad({
          cluster,
          namespace: demoNamespace,
          url: url(),
          nodePort: nodePort(),
          k6,
          from,
          to,
          images,
          replicas,
          folder: join(folder, "load"),
          signal,
        });
        onEnd(() => proof.end());
        say(`requests arrive at ${url()}`);
        await proof.steady();
      },
    },
    { title: "Plain rolling restart, to compare with", run: (say) => proof.restart(say) },
    { title: `helm upgrade to ${to}: migrate, then replace every pod`, run: (say) => proof.upgrade(say) },
    {
      title: "Verdict",
      run: async (say) => {
        summary = await proof.verdict(say);
      },
    },
  ]);
  if (!summary) throw new Error("the demo ended without a summary");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  console.log(closing(summary, url()));
  return summary.verdict === "passed" ? 0 : exitCode.promiseBroken;
}
