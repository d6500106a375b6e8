import { setTimeout as sleep } from "node:timers/promises";
import type { Cut, Place } from "./cuts.ts";
import type { Database } from "./database.ts";
import { lingerMs, violationsIn } from "./invariants.ts";
import { type End, endWithin, type Running } from "./program.ts";
import type { Random } from "./random.ts";
import type { Situation } from "./situations.ts";
import { failure, type Ground, logOf, runBoundMs, type Trial, untold, up, wordsOf } from "./trial.ts";
import { until } from "./until.ts";

/** After the cut, when nobody says anything to the process. */
const aliveMs = 60_000;
/** After SIGTERM. */
const stopMs = 10_000;
/** 25 s of silence, counted from the server's last word; one statement that still ends; some slack. */
const keepaliveMs = 40_000;

interface Course {
  cutAfterMs: number;
  /** After the cut. */
  sigtermAfterMs: number | undefined;
  /** What stood in the way of the migrator goes that long after the cut. */
  releaseAfterMs: number;
}

/** Cuts the network of one migrator, waits for its end, and lets another one finish on a whole network. */
export async function freezeOnce(
  ground: Ground,
  { cut, situation, name }: { cut: Cut; situation: Situation; name: string },
  place: Place | undefined,
  random: Random,
): Promise<Trial> {
  const started = performance.now();
  const course: Course = {
    cutAfterMs: random.between(0, situation.spanMs),
    sigtermAfterMs: random.chance(0.5) ? random.between(0, 15_000) : undefined,
    releaseAfterMs: random.between(0, 10_000),
  };
  const database = await ground.templates.before(situation.migration);
  const runs: Running[] = [];
  const begin = (url = database.url, launch?: Parameters<Ground["program"]["start"]>[2]) => {
    const run = ground.program.start([...up, "--wait", "3m"], url, launch);
    runs.push(run);
    return run;
  };
  const road = await cut.open(database, place);
  try {
    const release = await situation.prepare?.(database, begin);
    const run = begin(road.url, road.launch);
    await until(
      async () => run.ended() || (road.used() && (await situation.arrived(database, run))),
      runBoundMs,
    );
    await sleep(course.cutAfterMs);
    const counted = !run.ended();
    await road.cut();
    const cutAt = performance.now();
    const released = sleep(course.releaseAfterMs).then(release);
    const freed = watchFreed(database, road.ours);
    const { end, violations, sigtermed } = await endOf(run, cutAt, course.sigtermAfterMs);
    if (end?.code === 0 && !(await finished(database)))
      violations.push(`ends with ${wordsOf(end)}, and not everything is applied`);
    // One that had to be killed could not see to it.
    if (end !== undefined && cut.freed !== "when healed") {
      const allowed = cut.freed === "at once" ? performance.now() + lingerMs : cutAt + keepaliveMs;
      if (!(await freed.by(allowed)))
        violations.push("the session on the server is left, and so is the lock");
    }
    await road.heal();
    const freedAt = await freed.by(performance.now() + lingerMs);
    if (!freedAt) violations.push("the session on the server is left after the network is whole again");
    await freed.stop();
    await released;
    const others = runs.filter((other) => other !== run);
    const all = (await Promise.all([...others, begin()].map(failure))).flat();
    violations.push(...all);
    const nothing = { inserts: 0, edits: 0 };
    // What comes of a run that failed is as it left it.
    if (all.length === 0) violations.push(...(await violationsIn(database, ground.expected, nothing)));
    return {
      name,
      kind: cut.name,
      counted,
      phase: situation.name,
      violations: [...new Set(violations)],
      durationMs: Math.round(performance.now() - started),
      facts: {
        ...course,
        sigtermed,
        code: end?.code,
        endedMs: end && Math.round(end.at - cutAt),
        freedMs: freedAt && Math.round(freedAt - cutAt),
      },
      ...(violations.length > 0 && { logs: await Promise.all(runs.map(logOf)) }),
    };
  } finally {
    for (const run of runs) run.process.kill("SIGKILL");
    await road.heal();
    await database.drop();
  }
}

/** The end of a process that is cut off, in time and with a code that says what happened. */
async function endOf(run: Running, cutAt: number, sigtermAfterMs: number | undefined) {
  const violations: string[] = [];
  let end: End | undefined;
  let sigtermed = false;
  if (sigtermAfterMs !== undefined) {
    await Promise.race([sleep(sigtermAfterMs), run.end]);
    sigtermed = !run.ended();
    if (sigtermed) run.process.kill("SIGTERM");
  }
  if (sigtermed) {
    end = await endWithin(run, stopMs);
    if (end === undefined) violations.push(`alive ${stopMs / 1000} s after SIGTERM`);
  } else {
    end = await endWithin(run, cutAt + aliveMs - performance.now());
    if (end === undefined) violations.push(`alive ${aliveMs / 1000} s after the cut`);
  }
  if (end === undefined) return { end, violations, sigtermed };
  const right = sigtermed ? [30, 143] : [30];
  // 0: its work was done, and only the good-bye was lost.
  if (![0, ...right].includes(end.code ?? -1))
    violations.push(`not ${right.join(" or ")}, but ends with ${wordsOf(end)}`);
  return { end, violations: [...violations, ...untold(end)], sigtermed };
}

const finished = async (database: Database) =>
  (await database.query("SELECT FROM migrations WHERE name LIKE 'RequireAuthors%'")).length === 1;

/** Looks again and again whether the server still has a session of the migrator that is cut off. */
function watchFreed(database: Database, ours: () => string) {
  let freedAt: number | undefined;
  let over = false;
  const watching = (async () => {
    while (!over) {
      const left = await database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'migrator' AND ${ours()}`,
      );
      if (left.length > 0) freedAt = undefined;
      else freedAt ??= performance.now();
      await sleep(100);
    }
  })();
  return {
    /** When; undefined while it is not so by then. */
    by: (deadline: number) => until(async () => freedAt, deadline - performance.now(), 50),
    async stop() {
      over = true;
      await watching;
    },
  };
}
