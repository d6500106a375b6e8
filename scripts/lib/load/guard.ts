import { spawn } from "node:child_process";

/**
 * Sees to it that processes end with this one, however it ends: one that is killed cannot tell them. The guard reads what
 * nobody writes, so it comes to an end when we do.
 */
export function guard(pids: readonly number[]): { end(): void } {
  const child = spawn("sh", ["-c", 'read -r _; kill -KILL "$@"', "guard", ...pids.map(String)], {
    // Ctrl-C reaches us first, and we end them in order.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  return { end: () => void child.kill("SIGKILL") };
}
