import { readdirSync, readFileSync } from "node:fs";

/**
 * Processes that this one has started, and theirs: a thread that waits for one of them cannot be ended, and whoever is gone
 * cannot end them. Linux tells; elsewhere there are none.
 */
export function descendants(pid: number = process.pid): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap((child) => descendants(child))];
}

function childrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    // Gone meanwhile, or not Linux.
    return [];
  }
}

export function endAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}
