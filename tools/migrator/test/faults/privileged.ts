import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestContext } from "vitest";

const run = promisify(execFile);
const sudo = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];

/** The command line that runs something as root. */
export const asRoot = (...command: string[]): [string, string[]] => {
  const [program = "", ...args] = [...sudo, ...command];
  return [program, args];
};

export async function root(...command: string[]): Promise<string> {
  return (await run(...asRoot(...command))).stdout;
}

/**
 * A network or a disk can only be broken by root on Linux. On a laptop without that the test says so and is skipped; in
 * CI it fails, because there nobody would read it.
 */
export async function needsRoot({ skip }: TestContext, why: string): Promise<void> {
  const able =
    process.platform === "linux" &&
    (await run(...asRoot("true")).then(
      () => true,
      () => false,
    ));
  if (able) return;
  const reason = `${why} needs Linux and root (or sudo without a password)`;
  if (process.env.CI) throw new Error(reason);
  skip(reason);
}
