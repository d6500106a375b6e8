import { setTimeout as sleep } from "node:timers/promises";
import type { Cut, Place } from "./cuts.ts";
import type { Database } from "./database.ts";
import { lingerMs, violationsIn } from "./invariants.ts";
import { type End, endWithin, type Running, runBoundMs } from "./program.ts";
import type { Random } from "./random.ts";
import { watchRelease } from "./release.ts";
import type { Situation } from "./situations.ts";
import { failure, type Ground, logOf, type Trial, toldAt, untold, up, wordsOf } from "./trial.ts";
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
  clearAfterMs: number;
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
    clearAfterMs: random.between(0, 10_000),
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
    const clear = await situation.prepare?.(database, begin);
    const run = begin(road.url, road.launch);
    await until(
      async () => run.ended() || (road.used() && (await situation.arrived(database, run))),
      runBoundMs,
    );
    await sleep(course.cutAfterMs);
    const counted = !run.ended();
    await road.cut();
    const cutAt = performance.now();
    const cleared = sleep(course.clearAfterMs).then(clear);
    const release = watchRelease(database, road.ours);
    const { end, violations, sigtermed } = await endOf(run, cutAt, course.sigtermAfterMs);
    if (end?.code === 0 && !(await finished(database)))
      violations.push(`ends with ${wordsOf(end)}, and not everything is applied`);
    // One that had to be killed could not see to it.
    if (end !== undefined && cut.freed !== "when healed") {
      const allowed = cut.freed === "at once" ? performance.now() + lingerMs : cutAt + keepaliveMs;
      const held = await release.held(allowed);
      if (held) violations.push(`its locks are held on the server: ${held}`);
    }
    await road.heal();
    // What holds nothing is found out by the server's keepalives, or by what the client's kernel sends again.
    const there = await release.there(performance.now() + (cut.packets ? keepaliveMs : lingerMs));
    if (there) violations.push(`its sessions outlive the network that is whole again: ${there}`);
    await release.stop();
    const { freed = 0 } = release.at();
    await cleared;
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
        toldMs: end && Math.round(toldAt(end) - cutAt),
        endedMs: end && Math.round(end.at - cutAt),
        freedMs: Math.round(freed - cutAt),
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
