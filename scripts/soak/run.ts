import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { targetFrom } from "../lib/cluster/target.ts";
import { exitCode } from "../lib/failure.ts";
import { deployBlog } from "../lib/install/blog.ts";
import { installDatabase } from "../lib/install/database.ts";
import { queryDatabase } from "../lib/install/database-session.ts";
import { freshNamespace } from "../lib/install/namespace.ts";
import { waitForBlog } from "../lib/install/ready.ts";
import { seed } from "../lib/install/seed.ts";
import { type Rates, usualRates } from "../lib/load/rates.ts";
import { readRaw } from "../lib/load/raw.ts";
import { artifacts } from "../lib/paths.ts";
import { runSteps } from "../lib/progress.ts";
import { environmentOf } from "../lib/report/record/environment.ts";
import { proveUnderLoad } from "../lib/rollout/under-load.ts";
import { valuesOf } from "../lib/settings/read.ts";
import { type Stage, setStage } from "../lib/stage.ts";
import type { Verb } from "../lib/verb.ts";
import { closing } from "./closing.ts";
import { keepRun, type SoakRun } from "./run-record.ts";
import { createTally, type Judged, ratios, reasonsToFail, type Tally } from "./tally.ts";
import { cycle, type Turn } from "./turns.ts";

const namespace = "blog";
const replicas = 3;
const folder = join(artifacts, "soak");

/** Turns of load until the time is over. Exit code 0 only when every one of them was green. */
export async function runSoak(verb: Verb): Promise<number> {
  const { MINUTES = 30, OUT } = valuesOf(process.env, ["MINUTES", "OUT"]);
  const rates = usualRates();
  const { stage, steps } = setStage(targetFrom(process.env), ["v1", "v2"]);
  await runSteps([...steps, { title: "Blog v1 in an empty namespace", run: () => install(stage) }]);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const k6 = (await resolveTool("k6")).path;
  const environment = await environmentOf({ cluster: stage.cluster, namespace, k6, replicas, rates });
  const { add } = createTally();
  const startedAt = Date.now();
  const minutes = () => (Date.now() - startedAt) / 60_000;
  let tally: Tally | undefined;
  for (let number = 1; minutes() < MINUTES; ) {
    for (const turn of cycle(stage, namespace)) {
      const judged = await judge(stage, turn, join(folder, String(number)), rates, verb);
      tally = add(judged);
      // After each turn, so that a run that is interrupted leaves what it has shown.
      const run: SoakRun = {
        ...{ format: 1, startedAt, minutes: minutes() },
        ...tally,
        reasons: reasonsToFail(tally),
        ratios: ratios(tally),
        environment,
      };
      await writeFile(join(folder, "soak.json"), JSON.stringify(run, undefined, 2));
      if (OUT) await keepRun(resolve(OUT), run);
      const { requests, failed, verdict, reasons } = judged.summary;
      const how = verdict === "passed" ? "" : `  RED: ${reasons.join("; ")}`;
      console.log(
        `${new Date().toISOString().slice(11, 19)} turn ${number++}, ${turn.name}: ${requests} requests, ${failed} failed; in all ${tally.requests}, ${tally.failed} failed${how}`,
      );
    }
  }
  if (!tally) throw new Error("no turn was made");
  console.log(closing(tally, minutes()));
  const reasons = reasonsToFail(tally);
  console.log(
    reasons.length === 0
      ? "PASSED  Every turn was green. Figures: artifacts/soak/soak.json"
      : `FAILED  ${reasons.join("; ")}. Figures: artifacts/soak/soak.json, beside it the report of each red turn`,
  );
  return reasons.length === 0 ? 0 : exitCode.promiseBroken;
}

async function judge(
  { cluster }: Stage,
  turn: Turn,
  turnFolder: string,
  rates: Rates,
  { onEnd, signal }: Verb,
): Promise<Judged> {
  const proof = await proveUnderLoad({
    ...turn,
    cluster,
    namespace,
    url: cluster.urls.demo,
    k6: (await resolveTool("k6")).path,
    replicas,
    folder: turnFolder,
    rates,
    signal,
  });
  onEnd(() => proof.end());
  try {
    await proof.steady(4_000);
    await turn.move(proof);
    const summary = await proof.verdict(() => {});
    const { answers } = await readRaw(proof.rawFiles);
    await forgetWritten(cluster);
    // What a green turn did is in the tally; a red one can be looked into.
    if (summary.verdict === "passed") await rm(turnFolder, { recursive: true });
    return { name: turn.name, summary, answers };
  } finally {
    await proof.end();
  }
}

/**
 * What the load wrote, once it has been read back and judged: each turn finds the database as the first did, so their
 * latencies can be added up, and the last does not read a hundred thousand posts back.
 */
async function forgetWritten(cluster: Stage["cluster"]): Promise<void> {
  await queryDatabase(cluster, namespace, "DELETE FROM posts WHERE title LIKE 'Load %'");
  await queryDatabase(cluster, namespace, "VACUUM (ANALYZE) posts");
}

async function install({ cluster, images }: Stage): Promise<void> {
  await freshNamespace(cluster, namespace);
  await installDatabase(cluster, namespace, images);
  await deployBlog(cluster, { namespace, release: "v1", images, nodePort: cluster.nodePorts?.demo });
  await waitForBlog(cluster, namespace, cluster.urls.demo, () => {});
  await seed(cluster, namespace, images.releases.v1?.migrations ?? "");
}
