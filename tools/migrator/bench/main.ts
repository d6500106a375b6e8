// node bench/main.ts: throughput of backfills beside what is usually done, memory, start, and waits under live load.
// Settings: SIZES=10k,100k,300k,1M · ONLY=throughput,start,live · OUT=FILE (JSON). Exits with 1 when a bound is broken.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { startPostgres } from "@schema-rollout/scratch-postgres";
import { judge, type Results } from "./bounds.ts";
import { createOwner, withClient } from "./database.ts";
import { sizesFrom } from "./figures.ts";
import { measureLive, showLive } from "./live.ts";
import { buildProgram } from "./program.ts";
import { lockWaitSettings } from "./server-log.ts";
import { measureStart, showStart } from "./start.ts";
import { measureThroughput, showThroughput, type Throughput } from "./throughput.ts";
import { wornInSettings } from "./worn-in.ts";

const sizes = sizesFrom(process.env.SIZES || "10k,100k,300k,1M");
const only = (process.env.ONLY || "throughput,start,live").split(",");

let serverLog = "";
// On a disk, as in production: where there is room a scratch server goes into memory.
const dataDir = await mkdtemp(join(tmpdir(), "migrator-bench-"));
const server = await startPostgres({
  dataDir,
  settings: { ...lockWaitSettings, ...wornInSettings },
  onLog: (text) => {
    serverLog += text;
  },
});
const program = await buildProgram();
try {
  await createOwner(server);
  const results: Results = {
    date: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model,
      cores: cpus().length,
      memoryMb: Math.round(totalmem() / 1024 ** 2),
    },
    versions: { node: process.version, postgres: await postgresVersion() },
  };
  if (only.includes("throughput")) {
    const throughput: Throughput[] = [];
    for (const size of sizes) {
      throughput.push(await measureThroughput(server, program, size));
      console.log(showThroughput(throughput.slice(-1), throughput.length === 1));
    }
    results.throughput = throughput;
  }
  if (only.includes("start")) {
    results.start = await measureStart(server, program);
    console.log(`\n${showStart(results.start)}`);
  }
  if (only.includes("live")) {
    results.live = await measureLive(server, program, Math.max(...sizes), () => serverLog);
    console.log(`\n${showLive(results.live)}`);
  }
  const broken = judge(results);
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
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
  await program.remove();
}

function postgresVersion(): Promise<string | undefined> {
  return withClient(server.adminUrl, async (client) => {
    const { rows } = await client.query<{ version: string }>(
      "SELECT current_setting('server_version') AS version",
    );
    return rows[0]?.version;
  });
}
