import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ToolchainError } from "./failure.mjs";

const run = promisify(execFile);

/**
 * Runs npm. What it complains about becomes the message: npm says that first and then, at length, how it may be
 * called.
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 */
export async function npm(args, options) {
  try {
    await run("npm", [...args, "--loglevel=error"], { ...options, maxBuffer: 64 * 1024 * 1024 });
  } catch (cause) {
    const { code, stderr } = /** @type {{ code?: unknown, stderr?: string }} */ (cause);
    if (code === "ENOENT")
      throw new ToolchainError(
        "There is no npm on PATH: install it (Debian: apt-get install npm) and run this again.",
        {
          cause,
        },
      );
    const reasons = (stderr ?? "")
      .split("\n")
      .filter((line) => /^npm (error|ERR!)/.test(line) && !/ {4}at /.test(line));
    throw new ToolchainError(`npm ${args[0]} failed:\n  ${reasons.slice(0, 10).join("\n  ")}`, { cause });
  }
}
