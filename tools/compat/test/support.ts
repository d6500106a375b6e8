import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { Check } from "../src/checks.ts";

export const service = join(import.meta.dirname, "service/compat.json");
/** The same, with a suite that takes as long to start as it asks. */
export const slowSuite = join(import.meta.dirname, "service/slow-suite.json");

export function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../bin/compat.mjs"), ...args], {
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const code = new Promise<number | null>((done) => child.on("close", done));
  const finished = Promise.all([text(child.stdout), text(child.stderr), code]).then(
    ([stdout, stderr, code]) => ({ stdout, stderr, code }),
  );
  return { child, finished };
}

/** The real program, to its end. */
export const compat = (args: string[], env?: Record<string, string>) => start(args, env).finished;

export interface Result {
  code: number | null;
  verdict: string;
  checks: Check[];
  red: string[];
}

/** Plays a rollout of the test's service. */
export async function play(from: string, to: string, config = service): Promise<Result> {
  const { code, stdout } = await compat(["--from", from, "--to", to, "--config", config, "--json"]);
  const { verdict, checks } = JSON.parse(stdout) as { verdict: string; checks: Check[] };
  return {
    code,
    verdict,
    checks,
    red: checks.filter((check) => check.outcome === "red").map(({ name }) => name),
  };
}

/** A configuration of the test's own. */
export async function configuration(content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "compat-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "compat.json");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}
