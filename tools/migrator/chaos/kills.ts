import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";
import { lingerMs, violationsIn } from "./invariants.ts";
import type { Moment } from "./moments.ts";
import { type Running, runBoundMs } from "./program.ts";
import { startProxy } from "./proxy.ts";
import type { Random } from "./random.ts";
import type { Sight } from "./sights.ts";
import { failure, type Ground, logOf, type Trial, up } from "./trial.ts";
import { until } from "./until.ts";
import { noWriters, startWriters } from "./writers.ts";

/** What else goes on in a trial. */
interface Course {
  migration: string;
  writers: boolean;
  /** A transaction of the service stands in the way: since before the start, or since the moment is there. */
  blocked: "before" | "inside" | undefined;
  /** How long after the kill it does. */
  blockedMs: number;
  /** A second migrator: already waiting for the lock, or started together with the next run. */
  second: "waiting" | "beside the next" | undefined;
  /** The next run is killed as well, after that long. */
  againMs: number | undefined;
  pauseMs: number;
}

const courseOf = (moment: Moment, random: Random): Course => ({
  migration: random.pick(moment.migrations),
  writers: random.chance(0.5),
  blocked:
    moment.block && random.chance(0.75)
      ? random.pick(["before", moment.blockable ? "inside" : "before"] as const)
      : undefined,
  blockedMs: random.between(0, 1_500),
  second: random.chance(0.4) ? random.pick(["waiting", "beside the next"] as const) : undefined,
  againMs: random.chance(0.2) ? random.between(150, 1_500) : undefined,
  pauseMs: random.chance(0.5) ? 0 : random.between(0, 1_500),
});

/** Kills one migrator in a moment, lets the next one finish, and looks at what is there. */
export async function killOnce(ground: Ground, moment: Moment, name: string, random: Random): Promise<Trial> {
  const started = performance.now();
  const course = courseOf(moment, random);
  const database = await ground.templates.before(course.migration);
  const proxy = moment.deafAfter ? await startProxy(database.url) : undefined;
  proxy?.swallowAnswersAfter(moment.deafAfter?.(course.migration) ?? (() => false));
  const runs: Running[] = [];
  const begin = (url = database.url, args: string[] = []) => {
    const run = ground.program.start([...up, ...args], url);
    runs.push(run);
    return run;
  };
  const writers = course.writers ? await startWriters(database, random) : noWriters;
  const block = async () => {
    unblock = await moment.block?.(database);
  };
  let unblock: (() => Promise<void>) | undefined;
  if (course.blocked === "before") await block();
  try {
    const first = begin(proxy?.url, moment.to ? ["--to", course.migration] : []);
    const { sight, holder } = await killInside(database, moment, course, first, random, async () => {
      if (course.blocked === "inside") await block();
      if (course.second === "waiting") begin();
    });
    const gone = goneSoon(database, holder);
    await proxy?.close();
    const unblocked = sleep(course.blockedMs).then(() => unblock?.());
    await sleep(course.pauseMs);
    if (course.againMs !== undefined) await killAfter(begin(), course.againMs);
    if (course.second === "beside the next") begin();
    begin();
    const left = runs.filter((run) => run !== first && !run.process.killed);
    await unblocked;
    const failures = (await Promise.all(left.map(failure))).flat();
    if (!(await gone)) failures.push(`the killed migrator's session is left after ${lingerMs} ms`);
    // Whoever waited has found nothing to do, and so does one more.
    if (failures.length === 0) failures.push(...(await failure(begin())));
    const written = await writers.stop();
    failures.push(...written.failures);
    // What comes of a run that failed is as it left it.
    if (failures.length === 0)
      failures.push(...(await violationsIn(database, ground.expected, written.acknowledged)));
    const violations = [...new Set(failures)];
    return {
      name,
      kind: moment.name,
      counted: sight !== undefined,
      phase: sight?.phase,
      violations,
      durationMs: Math.round(performance.now() - started),
      facts: { ...course },
      ...(violations.length > 0 && { logs: await Promise.all(runs.map(logOf)) }),
    };
  } finally {
    for (const run of runs) run.process.kill("SIGKILL");
    await writers.stop();
    await database.drop();
  }
}

/**
 * What was seen of the moment right before and still right after SIGKILL was sent, if the process did not end by
 * itself; undefined when the kill fell elsewhere.
 */
async function killInside(
  database: Database,
  moment: Moment,
  { migration }: Course,
  run: Running,
  random: Random,
  onceInside: () => Promise<void>,
): Promise<{ sight: Sight | undefined; holder: number | undefined }> {
  const begun = random.next();
  const look = () => moment.look(database, migration, begun);
  await until(async () => run.ended() || (await look()), runBoundMs, moment.spanMs < 10 ? 1 : 10);
  const holder = await lockHolder(database);
  await onceInside();
  await sleep(random.between(0, moment.spanMs));
  const before = await look();
  const alive = !run.ended();
  run.process.kill("SIGKILL");
  const [after, { signal }] = await Promise.all([look(), run.end]);
  const inside = alive && signal === "SIGKILL" && before !== undefined && before.token === after?.token;
  return { sight: inside ? before : undefined, holder };
}

async function lockHolder(database: Database): Promise<number | undefined> {
  const [row] = await database.query<{ pid: number }>(
    `SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()`,
  );
  return row?.pid;
}

/** The server notices by itself that a client is gone, whatever statement it is at. */
const goneSoon = (database: Database, pid: number | undefined) =>
  until(
    async () => (await database.query("SELECT FROM pg_stat_activity WHERE pid = $1", [pid])).length === 0,
    lingerMs,
    100,
  );

async function killAfter(run: Running, ms: number): Promise<void> {
  await Promise.race([sleep(ms), run.end]);
  run.process.kill("SIGKILL");
  await run.end;
}
