import { environmentOf } from "../lib/report/record/environment.ts";
import type { Verb } from "../lib/verb.ts";
import type { Cell, Ran } from "./cell.ts";
import { endedAlready, whatIsLeft } from "./measure/left.ts";
import { compared } from "./measure/objects.ts";
import { counted } from "./measure/observe.ts";
import { holders } from "./measure/rights.ts";
import type { Choice } from "./selection.ts";
import { folderOf, openPlace, type Place, replicas } from "./stand/place.ts";
import type { Stage } from "./stand/stage.ts";
import { install, moves } from "./trials/moves.ts";
import type { Trial } from "./trials.ts";
import { runningRelease } from "./ways/running-release.ts";
import { manifest } from "./ways/upgrade.ts";

/**
 * Measures one strategy in one trial, in a namespace of its own, which is removed after it; then, where the trial leaves
 * off, in those that follow it, if it has come to where they begin. Gives each cell as soon as it is there. The normal
 * trial's deploy is asked about credentials, too, and gives that cell beside its own.
 */
export async function* measureCells(
  stage: Stage,
  { strategy, trial }: Choice,
  following: readonly Trial[],
  verb: Verb,
): AsyncGenerator<Cell> {
  const startedAt = Date.now();
  const { schema = trial.from, prepare } = moves[trial.name];
  const place = await openPlace(stage, { strategy, trial: trial.name, schema });
  try {
    await (prepare ? prepare(place, trial) : install(place, trial.from));
    await place.settled();
    await stage.ending;
    stage.environment ??= await environmentOf({ ...stage, namespace: place.namespace, replicas });
    yield* measured(place, trial, verb, startedAt);
    for (const next of following) {
      const beganAt = Date.now();
      // Where it has not come to that, the other trial needs a place of its own.
      if ((await runningRelease(place)) !== next.from) continue;
      await place.settled();
      yield* measured({ ...place, folder: folderOf(stage, strategy, next.name) }, next, verb, beganAt);
    }
  } finally {
    await place.leave();
  }
}

/** One trial, in a place that is prepared for it. */
async function* measured(place: Place, trial: Trial, verb: Verb, startedAt: number): AsyncGenerator<Cell> {
  const { stage, strategy, observer } = place;
  const { act, repair } = moves[trial.name];
  const before = observer.said.length;
  const already = await endedAlready(place);
  const { load, ...outcome } = await act(place, trial, verb);
  const left = await whatIsLeft(place, already);
  const ran = await runsOf(place, trial, before);
  const repaired = await repair?.(place, trial, outcome);
  const { build, environment } = stage;
  if (!environment) throw new Error("nobody has asked where the lab runs");
  const common = { format: 1 as const, build, strategy, ...outcome, ran, left, environment };
  const took = (from: number) => ({
    startedAt: from,
    tookSeconds: Math.round((Date.now() - from) / 1_000),
  });
  if (trial.name !== "credentials") {
    const more = { ...(load && { load }), ...(repaired && { repair: repaired }) };
    yield { ...common, trial: trial.name, ...took(startedAt), ...more };
  }
  if (trial.name !== "normal" && trial.name !== "credentials") return;
  const askedAt = trial.name === "normal" ? Date.now() : startedAt;
  const rights = await rightsIn(place, trial);
  yield { ...common, trial: "credentials", ...rights, ...took(askedAt) };
}

const rightsIn = async (place: Place, { to }: Trial): Promise<Pick<Cell, "rights" | "objects">> => ({
  rights: await holders(place),
  objects: compared(await manifest(place, to), await bare(place, to), place.needed),
});

async function runsOf(place: Place, { migration, name }: Trial, before: number): Promise<Ran> {
  const said = place.observer.said.slice(before);
  const rows = await place.query("SELECT count(*)::int AS count FROM migrations WHERE name = $1", [
    migration,
  ]);
  const ran: Ran = { migration, ...counted(said, migration), recorded: Number(rows[0]?.count ?? 0) };
  if (name !== "replicas") return ran;
  const posts = await place.query("SELECT count(*)::int AS count FROM posts WHERE title = 'Welcome'");
  return { ...ran, effects: Number(posts[0]?.count ?? 0) };
}

/** The blog that migrates in no way: what every strategy stands on. */
const bare = (place: Place, release: string) => manifest({ ...place, strategy: "deploy-script" }, release);
