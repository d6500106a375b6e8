import { ToolchainError } from "@schema-rollout/toolchain";
import { execa, type Options } from "execa";

/** Runs a program and returns what it printed; a failure shows the last lines of its errors. */
export async function run(file: string, args: string[], options: Options = {}): Promise<string> {
  const { failed, shortMessage, stdout, stderr } = await execa(file, args, {
    stdin: options.input === undefined ? "ignore" : "pipe",
    ...options,
    reject: false,
  });
  if (!failed) return String(stdout ?? "");
  const lines = String(stderr ?? "")
    .trim()
    .split("\n")
    .slice(-8);
  throw new ToolchainError(
    [shortMessage ?? `${file} failed`, ...lines.map((line) => `  ${line}`)].join("\n"),
  );
}
