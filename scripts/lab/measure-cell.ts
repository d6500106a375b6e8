import { type Environment, environmentOf } from "../lib/report/record/environment.ts";
import type { Verb } from "../lib/verb.ts";
import type { Cell, Ran } from "./cell.ts";
import { whatIsLeft } from "./measure/left.ts";
import { compared } from "./measure/objects.ts";
import { counted } from "./measure/observe.ts";
import { holders } from "./measure/rights.ts";
import type { Choice } from "./selection.ts";
import { openPlace, type Place, replicas } from "./stand/place.ts";
import type { Stage } from "./stand/stage.ts";
import { install, moves } from "./trials/moves.ts";
import type { Trial } from "./trials.ts";
import { manifest } from "./ways/upgrade.ts";

/** Measures one strategy in one trial, in a namespace of its own, which is removed after it. */
export async function measureCell(stage: Stage, { strategy, trial }: Choice, verb: Verb): Promise<Cell> {
  const startedAt = Date.now();
  const { schema = trial.from, prepare, act, repair } = moves[trial.name];
  const place = await openPlace(stage, { strategy, trial: trial.name, schema });
  try {
    await (prepare ? prepare(place) : install(place, trial.from));
    await place.settled();
    await stage.ending;
    const before = place.observer.said.length;
    const outcome = await act(place, trial, verb);
    const left = await whatIsLeft(place);
    const ran = await runsOf(place, trial, before);
    const repaired = await repair?.(place, trial, outcome);
    return {
      format: 1,
      build: stage.build,
      strategy,
      trial: trial.name,
      startedAt,
      tookSeconds: Math.round((Date.now() - startedAt) / 1_000),
      ...outcome,
      ran,
      left,
      ...(repaired && { repair: repaired }),
      ...(trial.name === "credentials" && {
        rights: await holders(place),
        objects: compared(await manifest(place, trial.to), await bare(place, trial.to), place.needed),
      }),
      environment: await whereItRan(place),
    };
  } finally {
    await place.leave();
  }
}

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

/** The database is in another namespace than what is asked about otherwise. */
async function whereItRan({ stage, namespace, query }: Place): Promise<Environment> {
  const { cluster, k6, rates } = stage;
  const [row] = await query("SELECT current_setting('server_version') AS version");
  const postgresql = /^[\d.]+/.exec(String(row?.version))?.[0] ?? "";
  return { ...(await environmentOf({ cluster, namespace, k6, replicas, rates })), postgresql };
}

/** The blog that migrates in no way: what every strategy stands on. */
const bare = (place: Place, release: string) => manifest({ ...place, strategy: "deploy-script" }, release);
