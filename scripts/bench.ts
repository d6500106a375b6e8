import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { usage } from "./lib/failure.ts";
import { artifacts, root } from "./lib/paths.ts";
import { verb } from "./lib/verb.ts";

const parts = ["throughput", "start", "live"];

function requireParts(): void {
  const unknown = (process.env.ONLY ?? "").split(",").find((name) => name && !parts.includes(name));
  if (unknown)
    throw usage(`ONLY=${process.env.ONLY}: there is no part "${unknown}". There are: ${parts.join(", ")}.`);
}

/** Prints what the tools promise in figures, and fails when a bound is broken. SIZES=10k,100k RUNS=20 makes it quick. */
await verb(
  "bench",
  async ({ onEnd }) => {
    const bench = async (file: string, env: NodeJS.ProcessEnv = {}) => {
      const child = spawn(process.execPath, [join(root, file)], {
        env: { ...process.env, ...env },
        stdio: "inherit",
      });
      onEnd(() => void child.kill("SIGTERM"));
      const [code] = await once(child, "exit");
      return Number(code ?? 1);
    };
    console.log("migrator\n");
    const migrator = await bench("tools/migrator/bench/main.ts", {
      OUT: join(artifacts, "bench/migrator.json"),
    });
    console.log("\nwait-for-job\n");
    const gate = await bench("tools/wait-for-job/bench/main.ts", {
      OUT: join(artifacts, "bench/wait-for-job.json"),
    });
    return Math.max(migrator, gate);
  },
  { checks: [requireParts] },
);
