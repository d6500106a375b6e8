import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { exitCode, Failure } from "./failure.ts";

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Running {
  /** What it has written so far, both streams. */
  output(): string;
  ended: Promise<Ended>;
  /** SIGTERM to it and whatever it started; SIGKILL when it does not end in time. */
  stop(): Promise<Ended>;
}

export interface Surroundings {
  folder: string;
  env: Record<string, string>;
  /** Sees everything that is written. */
  onOutput?: ((text: string) => void) | undefined;
}

const patienceMs = 20_000;

/** Starts a command in a process group of its own, so that it ends with all that it started. */
export function start(command: readonly string[], { folder, env, onOutput }: Surroundings): Promise<Running> {
  const [program = "", ...args] = command;
  let output = "";
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...inherited(folder), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      onOutput?.(text);
    });
  }
  let over = false;
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code, signal) => {
      over = true;
      done({ code, signal });
    });
  });
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined && !over) process.kill(-child.pid, signal);
    } catch (error) {
      // Nobody of the group is left.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  const running: Running = {
    output: () => output,
    ended,
    async stop() {
      kill("SIGTERM");
      const late = setTimeout(kill, patienceMs, "SIGKILL");
      return ended.finally(() => clearTimeout(late));
    },
  };
  return new Promise((started, failed) => {
    child.on("spawn", () => started(running));
    child.on("error", ({ message }) =>
      failed(new Failure(`${program} cannot be started in ${folder}: ${message}.`, exitCode.usage)),
    );
  });
}

/**
 * The environment without what leads to a database: whatever a command forgets to take from us, it must not find a
 * real one. PATH has the programs of the packages around, as in an npm script.
 */
function inherited(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(DATABASE_URL|PG[A-Z]+|NODE_OPTIONS)$/.test(name),
  );
  const programs = [folder, import.meta.dirname].flatMap(packagePrograms);
  return { ...Object.fromEntries(kept), PATH: [...programs, process.env.PATH ?? ""].join(delimiter) };
}

function packagePrograms(folder: string): string[] {
  const here = join(folder, "node_modules/.bin");
  const above = dirname(folder) === folder ? [] : packagePrograms(dirname(folder));
  return existsSync(here) ? [here, ...above] : above;
}
