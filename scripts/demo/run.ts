import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { targetFrom } from "../lib/cluster/target.ts";
import { exitCode, usage } from "../lib/failure.ts";
import { deployBlog } from "../lib/install/blog.ts";
import { installDatabase } from "../lib/install/database.ts";
import { freshNamespace } from "../lib/install/namespace.ts";
import { waitForBlog } from "../lib/install/ready.ts";
import { seed } from "../lib/install/seed.ts";
import { withLiveView } from "../lib/live/below-step.ts";
import { type Live, startLive } from "../lib/live/follow/live.ts";
import { screen } from "../lib/live/terminal.ts";
import type { Summary } from "../lib/load/summary.ts";
import { artifacts } from "../lib/paths.ts";
import { runSteps, type Say, type Step } from "../lib/progress.ts";
import { type ReleaseFacts, releaseFacts } from "../lib/release/releases.ts";
import { recordFile, reportFile } from "../lib/report/write.ts";
import { type Proof, proveUnderLoad } from "../lib/rollout/under-load.ts";
import { valuesOf } from "../lib/settings/read.ts";
import { type Stage, setStage } from "../lib/stage.ts";
import type { Verb } from "../lib/verb.ts";
import { closing } from "./closing.ts";

const namespace = "blog";
const replicas = 3;
/** Generated posts, where there is a backfill: the few hundred of the load would be done in the blink of an eye. */
const backfilledPosts = 50_000;
const folder = join(artifacts, "demo");
const summaryFile = join(folder, "summary.json");

interface Run {
  from: string;
  to: string;
  proof?: Proof;
  live?: Live;
  summary?: Summary;
}

/** The two releases of FROM and TO. */
export function upgradeFrom(env: NodeJS.ProcessEnv): Pick<Run, "from" | "to"> {
  const { FROM: from = "v1", TO: to = "v2" } = valuesOf(env, ["FROM", "TO"]);
  if (from === to) throw usage(`FROM and TO are both ${from}; an upgrade needs two releases.`);
  return { from, to };
}

/** The main job: install FROM, load it, upgrade to TO, judge. Exit code 0 only if the verdict is "passed". */
export async function runDemo(verb: Verb): Promise<number> {
  const run: Run = upgradeFrom(process.env);
  const { stage, steps } = setStage(targetFrom(process.env), [run.from, run.to]);
  // An interrupted run must not leave the verdict of the one before.
  for (const file of [summaryFile, join(folder, recordFile), join(folder, reportFile)])
    await rm(file, { force: true });
  await runSteps([...steps, ...install(stage, run)]);
  const proving = prove(stage, run, verb, await releaseFacts(run.to));
  await runSteps(withLiveView(proving, () => run.live, screen()));

  if (!run.summary) throw new Error("the demo ended without a summary");
  await mkdir(folder, { recursive: true });
  await writeFile(summaryFile, `${JSON.stringify(run.summary, null, 2)}\n`);
  console.log(closing(run.summary, stage.cluster.urls.demo));
  return run.summary.verdict === "passed" ? 0 : exitCode.promiseBroken;
}

function install(stage: Stage, { from, to }: Run): Step[] {
  return [
    {
      title: "PostgreSQL, with one role for migrations and one for the blog",
      run: async (say) => {
        say("making an empty namespace");
        await freshNamespace(stage.cluster, namespace);
        say("installing");
        await installDatabase(stage.cluster, namespace, stage.images);
      },
    },
    {
      title: `Blog ${from}, ${replicas} replicas, with its posts`,
      run: async (say) => {
        const { cluster, images } = stage;
        await deployBlog(cluster, { namespace, release: from, images, nodePort: cluster.nodePorts?.demo });
        await waitForBlog(cluster, namespace, cluster.urls.demo, say);
        say("importing the posts");
        const { contract } = await releaseFacts(to);
        await seed(
          cluster,
          namespace,
          images.releases[from]?.migrations ?? "",
          contract ? backfilledPosts : 0,
        );
      },
    },
  ];
}

function prove(stage: Stage, run: Run, { signal, onEnd }: Verb, { contract }: ReleaseFacts): Step[] {
  const running = () => {
    if (!run.proof) throw new Error("the load is not running");
    return run.proof;
  };
  return [
    {
      title: "Load: reads, writes and edits, on reused and on new connections",
      run: async (say) => {
        const { cluster } = stage;
        const url = cluster.urls.demo;
        const k6 = (await resolveTool("k6", { onProgress: say })).path;
        const proof = await proveUnderLoad({
          ...run,
          cluster,
          namespace,
          url,
          k6,
          replicas,
          folder: join(folder, "load"),
          reportFolder: folder,
          signal,
        });
        run.proof = proof;
        onEnd(() => proof.end());
        const live = startLive({ cluster, namespace, timeline: proof.timeline, rawFiles: proof.rawFiles });
        run.live = live;
        onEnd(() => live.stop());
        say(`requests arrive at ${url}`);
        await proof.steady();
      },
    },
    { title: "Plain rolling restart, to compare with", run: (say) => running().restart(say) },
    {
      title: `helm upgrade to ${run.to}: migrate, then replace every pod`,
      run: (say) => {
        const { cluster, images } = stage;
        const order = () =>
          deployBlog(cluster, { namespace, release: run.to, images, nodePort: cluster.nodePorts?.demo });
        return running().upgrade(order, say);
      },
    },
    ...(contract ? [{ title: "Backfill and contract", run: (say: Say) => running().contract(say) }] : []),
    {
      title: "Verdict",
      run: async (say) => {
        run.summary = await running().verdict(say);
      },
    },
  ];
}
