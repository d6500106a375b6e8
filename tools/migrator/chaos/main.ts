// node chaos/main.ts: kills the migrator in every moment, and cuts its network in every situation; then the next run must
// finish, and nothing may be lost, done twice or left behind. Exits with 1 when something did not hold.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Kind, runKinds } from "./campaign.ts";
import { type Lab, startLab } from "./database.ts";
import { schemaOf } from "./invariants.ts";
import { canDropPackets, createNetwork } from "./network.ts";
import { type Options, optionsFrom, usage } from "./options.ts";
import { freezeKinds, killKinds } from "./plan.ts";
import { build, type Program } from "./program.ts";
import { broken, groups, linesOf, show } from "./report.ts";
import { createTemplates } from "./templates.ts";
import { failure, type Ground, type Trial, up } from "./trial.ts";

const lanes = { kills: 3, freezes: 12 };
const folders = {
  kills: [join(import.meta.dirname, "migrations")],
  freezes: [join(import.meta.dirname, "migrations"), join(import.meta.dirname, "slow")],
};

const options = readOptions();
const started = performance.now();
const packets = options.freezes > 0 && canDropPackets();
const network = packets ? await createNetwork(lanes.freezes) : undefined;
const built = await build();
const lab = await startLab(options.postgres, network?.host);
// The server's own handlers of these signals end it, and then us.
let stopped = false;
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    stopped = true;
    // What breaks from now on breaks because its server goes.
    process.on("uncaughtException", () => {});
  });
try {
  const { seed } = options;
  const parts = [
    {
      count: options.kills,
      lanes: lanes.kills,
      folders: folders.kills,
      kinds: (ground: Ground) => killKinds(options.kills, seed, ground),
    },
    {
      count: options.freezes,
      lanes: lanes.freezes,
      folders: folders.freezes,
      kinds: (ground: Ground) => freezeKinds(options.freezes, seed, ground, network),
    },
  ];
  const kinds: Kind[] = [];
  const trials: Trial[] = [];
  const deadline = started + options.minutes * 60_000;
  for (const [index, part] of parts.entries()) {
    if (part.count === 0) continue;
    const ground = await prepare(lab, await built.program(part.folders), `part_${index}`);
    const chosen = only(part.kinds(ground), options.only);
    kinds.push(...chosen);
    await runKinds(chosen, {
      lanes: part.lanes,
      goOn: () => !stopped && performance.now() < deadline,
      onTrial: (trial) => trials.push(tell(trial)),
    });
  }
  const lines = linesOf(kinds, trials);
  const wrong = broken(lines, trials);
  if (options.freezes > 0 && !packets) wrong.push("no packets were dropped: that needs Linux and root");
  const seconds = Math.round((performance.now() - started) / 1000);
  const { postgres } = options;
  await mkdir(dirname(options.out), { recursive: true });
  const result = {
    date: new Date().toISOString(),
    seed,
    postgres,
    seconds,
    kills: groups(lines),
    lines,
    broken: wrong,
    trials,
  };
  await writeFile(options.out, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(`\n${show(lines)}\n\nseed ${seed}, PostgreSQL ${postgres}, ${seconds} s; ${options.out}`);
  console.log(wrong.length === 0 ? "PASSED" : `FAILED\n${wrong.map((one) => `- ${one}`).join("\n")}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await lab.stop();
}

function readOptions(): Options {
  try {
    const options = optionsFrom(process.argv.slice(2));
    if (options !== undefined) return options;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

/** An undisturbed run says what every other one has to leave. */
async function prepare(lab: Lab, program: Program, prefix: string): Promise<Ground> {
  const templates = createTemplates(lab, program, prefix);
  const database = await templates.before(program.names[1] ?? "");
  const wrong = await failure(program.start(up, database.url));
  if (wrong.length > 0) throw new Error(`undisturbed, ${wrong.join("; ")}`);
  const expected = await schemaOf(database);
  await database.drop();
  return { program, templates, expected };
}

function only(kinds: Kind[], name: string | undefined): Kind[] {
  if (name === undefined) return kinds;
  const one = kinds.find((kind) => name.startsWith(`${kind.name}/`));
  if (one === undefined) return kinds.filter((kind) => kind.name.startsWith(name));
  return [{ ...one, wanted: 1, attempt: (_, lane) => one.attempt(name, lane) }];
}

function tell(trial: Trial): Trial {
  // Its server was taken from it.
  if (stopped) return trial;
  const { name, counted, phase, durationMs, violations } = trial;
  const what = counted ? (phase ?? "inside") : "fell elsewhere";
  console.log(
    `${name} ${what} ${(durationMs / 1000).toFixed(1)} s${violations.map((one) => `\n  VIOLATION ${one}`).join("")}`,
  );
  return trial;
}
