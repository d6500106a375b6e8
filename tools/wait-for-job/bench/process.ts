import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Running {
  readonly pid: number;
  readonly output: () => string;
  /** Exit code, and when it was noticed. */
  readonly ended: Promise<{ code: number | null; at: number }>;
}

const alive = new Set<ChildProcess>();
// A bench that is stopped or fails leaves nobody behind who waits for a server that is gone.
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child: ChildProcess = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env });
  alive.add(child);
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  const ended = new Promise<{ code: number | null; at: number }>((done, failed) => {
    child.once("error", failed);
    child.once("exit", (code) => {
      done({ code, at: performance.now() });
      alive.delete(child);
    });
  });
  return { pid: child.pid ?? 0, output: () => output, ended };
}

/** The most memory a process and what it started had so far, in MB; Linux only. 0 when it is gone. */
export function peakOf(pid: number): number {
  try {
    const own = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return children.reduce((sum, child) => sum + peakOf(Number(child)), own);
  } catch {
    return 0;
  }
}

export const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Waits until it holds; fails when the process ends before, or after half a minute. */
export async function until(what: string, holds: () => boolean, { ended }: Running): Promise<void> {
  let early: number | null | undefined;
  ended.then(({ code }) => {
    early = code;
  });
  for (const began = performance.now(); !holds(); await pause(1)) {
    if (early !== undefined) throw new Error(`it ended with ${early} before ${what}`);
    if (performance.now() - began > 30_000) throw new Error(`half a minute went by before ${what}`);
  }
}
