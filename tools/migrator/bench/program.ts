import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildMigrations } from "../src/index.ts";

/** The CLI as it ships, and the migrations bundled as for an image. */
export interface Program {
  run(args: string[], url: string): Promise<Run>;
  remove(): Promise<void>;
}

export interface Run {
  durationMs: number;
  /** The most memory it ever had (VmHWM), in MB; undefined where /proc does not tell. */
  peakMb: number | undefined;
  log: (Record<string, unknown> & { message: string })[];
}

const names = [
  "CreatePosts1700000000000",
  "AddCategories1700000001000",
  "ValidateCategory1700000002000",
  "IndexCategory1700000003000",
  "FillCategory1700000004000",
];

export async function buildProgram(): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "migrator-bench-"));
  const dist = join(folder, "dist");
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), dist]);
  // As in the image.
  const program = join(dist, "migrator.mjs");
  execFileSync(process.execPath, [program, "--help"], { env: { ...process.env, CODE_CACHE: "write" } });
  const migrations = join(folder, "migrations");
  await buildMigrations({ from: join(import.meta.dirname, "migrations"), names, to: migrations });
  return {
    run: (args, url) => runOnce(program, args, { DATABASE_URL: url, MIGRATIONS_DIR: migrations }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function runOnce(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const started = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  let peakMb: number | undefined;
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const timer = setInterval(() => {
    peakMb = peak(child.pid) ?? peakMb;
  }, 20);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      const durationMs = performance.now() - started;
      const log = stderr
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line));
      if (code === 0) resolve({ durationMs, peakMb, log });
      else reject(new Error(`migrator ${args.join(" ")} ended with ${code}:\n${stderr}`));
    });
  });
}

function peak(pid: number | undefined): number | undefined {
  try {
    const found = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return found ? Number(found[1]) / 1024 : undefined;
  } catch {
    // It has just ended, or this is not Linux.
    return undefined;
  }
}
