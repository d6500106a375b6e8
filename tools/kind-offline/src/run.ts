import { basename } from "node:path";
import { ToolchainError } from "@schema-rollout/toolchain";
import { execa, type Options } from "execa";

/** Runs a program and returns what it printed; a failure shows the last lines of its errors. */
export async function run(file: string, args: string[], options: Options = {}): Promise<string> {
  const { failed, exitCode, signal, code, stdout, stderr } = await execa(file, args, {
    stdin: options.input === undefined ? "ignore" : "pipe",
    ...options,
    reject: false,
  });
  if (!failed) return String(stdout ?? "");
  const reason = signal ? `was ended by ${signal}` : `failed (${exitCode ?? code})`;
  throw new ToolchainError(
    [`${basename(file)} ${args[0] ?? ""} ${reason}`, ...lastLines(String(stderr ?? ""))].join("\n"),
  );
}

const lastLines = (text: string) =>
  text
    .trim()
    .split("\n")
    .slice(-8)
    .map((line) => `  ${line}`);
