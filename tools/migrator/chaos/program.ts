import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildMigrations, readMigrations } from "../src/index.ts";

/** The CLI as it ships; gone, with all that runs of it, when the process ends. */
export interface Build {
  /** With these folders' migrations, bundled as for an image. */
  program(folders: string[]): Promise<Program>;
}

export interface Program {
  /** Of the migrations, in their order. */
  names: string[];
  start(args: string[], url: string, launch?: Launch): Running;
}

/** Makes another command line of one: to run it on another machine. */
export type Launch = (command: string, args: string[]) => [string, string[]];

export interface Running {
  process: ChildProcess;
  ended(): boolean;
  /** What it has logged so far. */
  log(): string;
  end: Promise<End>;
}

export interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** When, by performance.now(). */
  at: number;
  log: string;
}

export async function build(): Promise<Build> {
  const folder = await mkdtemp(join(tmpdir(), "migrator-chaos-"));
  const dist = join(folder, "dist");
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), dist]);
  // As in the image.
  const file = join(dist, "migrator.mjs");
  execFileSync(process.execPath, [file, "--help"], { env: { ...process.env, CODE_CACHE: "write" } });
  const alive = new Set<ChildProcess>();
  process.once("exit", () => {
    for (const child of alive) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    async program(folders) {
      const migrations = await mkdtemp(join(folder, "migrations-"));
      const { migrations: built } = await buildMigrations({
        from: folders,
        names: (await Promise.all(folders.map(readMigrations))).flat().map(({ name }) => name),
        to: migrations,
      });
      return {
        names: built.map(({ name }) => name),
        start(args, url, launch = (command, all) => [command, all]) {
          const [command, all] = launch(process.execPath, [file, ...args]);
          const child = spawn(command, all, {
            env: { ...process.env, DATABASE_URL: url, MIGRATIONS_DIR: migrations },
            stdio: ["ignore", "ignore", "pipe"],
          });
          alive.add(child);
          return running(child, () => alive.delete(child));
        },
      };
    },
  };
}

function running(child: ChildProcess, onEnd: () => void): Running {
  let log = "";
  let ended = false;
  child.stderr?.on("data", (chunk) => {
    log += chunk;
  });
  const end = new Promise<End>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", () => {
      ended = true;
      onEnd();
    });
    child.on("close", (code, signal) => resolve({ code, signal, at: performance.now(), log }));
  });
  return { process: child, ended: () => ended, log: () => log, end };
}

/** No undisturbed run takes that long, on however busy a machine: a guard, not a promise. */
export const runBoundMs = 180_000;

/** Its end, or undefined when it is still alive after that long; then it is killed. */
export async function endWithin(run: Running, ms: number): Promise<End | undefined> {
  const timer = new AbortController();
  try {
    const late = sleep(Math.max(ms, 0), undefined, { signal: timer.signal });
    const end = await Promise.race([run.end, late]);
    if (end !== undefined) return end;
    run.process.kill("SIGKILL");
    await run.end;
    return undefined;
  } finally {
    timer.abort();
  }
}
