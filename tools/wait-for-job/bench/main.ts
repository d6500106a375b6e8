// node bench/main.ts: how soon the gate reacts, beside kubectl wait and a loop of kubectl in the same run; start, memory,
// requests, bundle, and 200 gates at once. Linux: memory is read from /proc.
// Settings: RUNS=100 · GATES=200 · OUT=FILE (JSON). Exits with 1 when a bound is broken.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import pg from "pg";
import { judge, type Results } from "./bounds.ts";
import { contenders } from "./contenders.ts";
import { measureFleet } from "./fleet.ts";
import { measureReactions } from "./reaction.ts";
import { show } from "./show.ts";
import { setStage } from "./stage.ts";

const runs = Number(process.env.RUNS || 100);
const gates = Number(process.env.GATES || 200);

const stage = await setStage();
try {
  const measured = await measureReactions(stage, contenders(stage, runs), runs);
  const fleet = await measureFleet(stage, gates);
  const { kbWithoutPg, kbWithPg } = stage.bundle;
  const results: Results = {
    date: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model,
      cores: cpus().length,
      memoryMb: Math.round(totalmem() / 1024 ** 2),
    },
    versions: {
      node: process.version,
      kubectl: stage.kubectl.version,
      postgres: await postgresVersion(stage.db.url),
    },
    ...measured,
    fleet,
    bundle: { kbWithoutPg, kbWithPg },
  };
  const broken = judge(results);
  console.log(show(results));
  if (process.env.OUT) {
    await mkdir(dirname(process.env.OUT), { recursive: true });
    await writeFile(process.env.OUT, `${JSON.stringify({ ...results, broken }, undefined, 2)}\n`);
  }
  console.log(
    broken.length === 0
      ? "\nAll bounds hold."
      : `\nBroken bounds:\n${broken.map((one) => `- ${one}`).join("\n")}`,
  );
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  await stage.remove();
}

async function postgresVersion(connectionString: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query("SELECT current_setting('server_version') AS version");
  await client.end();
  return rows[0]?.version;
}
