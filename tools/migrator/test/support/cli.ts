import { type ChildProcess, spawn } from "node:child_process";
import { inject, onTestFinished } from "vitest";

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The log's lines. */
  log: Array<Record<string, unknown> & { message: string }>;
  /** The last line: what a person reads first. */
  summary: Record<string, unknown> & { message: string; next?: string };
}

export interface Running {
  process: ChildProcess;
  /** What it has logged so far. */
  stderr(): string;
  finished: Promise<Finished>;
}

export interface Start {
  url?: string;
  dir?: string;
  env?: NodeJS.ProcessEnv;
  program?: string;
  /** Folder to start it in. */
  cwd?: string;
}

/** Starts the real CLI as a process of its own. */
export function start(
  args: string[],
  { url, dir, env, program = inject("program"), cwd }: Start = {},
): Running {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      ...inherited,
      // It has one; a package has none.
      ...(program === inject("program") && { CODE_CACHE: "require" }),
      DATABASE_URL: url,
      // The tests' own sessions, as the owner and as a superuser, stay open beside what they test.
      IGNORE_ROLE: url === undefined || !URL.canParse(url) ? "postgres" : `${new URL(url).username},postgres`,
      MIGRATIONS_DIR: dir,
      ...env,
    },
    ...(cwd !== undefined && { cwd }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr, ...lines(stderr) }));
  });
  return { process: child, finished, stderr: () => stderr };
}

/** Runs the real CLI to its end. */
export const migrator = (args: string[], options?: Start): Promise<Finished> => start(args, options).finished;

function lines(stderr: string): Pick<Finished, "log" | "summary"> {
  const log = stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  return { log, summary: log.at(-1) ?? { message: stderr } };
}
