import { ToolchainError } from "@schema-rollout/toolchain";
import { ProcessOutput } from "zx";
import { exitCode, Failure, usage } from "./failure.ts";
import { flushed } from "./flushed.ts";
import { type Check, givenVariable, goalsVariable, requireSettings } from "./settings/refuse.ts";
import { settings } from "./settings/table.ts";
import { interruption, saidBy } from "./shell.ts";

/** Undoes one thing that was started; runs at the end and on Ctrl-C. */
export type CleanUp = () => Promise<void> | void;

export interface Verb {
  /** Aborted by Ctrl-C, SIGTERM and a closed terminal. */
  signal: AbortSignal;
  verbose: boolean;
  /** Registers a clean-up; the last registered runs first. */
  onEnd(cleanUp: CleanUp): void;
}

export interface Asked {
  /** The arguments it takes; without them, none. */
  words?: readonly string[] | "its own";
  /** What must hold of its settings together, before anything is done. */
  checks?: readonly Check[];
}

/**
 * The one exit point of every script: refuses settings and arguments that the target of the Makefile does not take, runs it,
 * cleans up, turns errors into a sentence and an exit code.
 */
export async function verb(
  target: string,
  run: (verb: Verb) => Promise<number | undefined>,
  { words = [], checks = [] }: Asked = {},
): Promise<never> {
  // For the tools we start: nobody agreed to send anything anywhere.
  process.env.DO_NOT_TRACK ??= "1";
  const cleanUps: CleanUp[] = [];
  // A reader that has gone (`| head -1`) has seen enough; what was started is still cleaned up.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const verbose = process.argv.includes("--verbose") || isTrue(process.env.VERBOSE);
  let interrupted: number | undefined;
  const end = async () => {
    for (let next = cleanUps.pop(); next; next = cleanUps.pop()) {
      await Promise.resolve(next()).catch((error: unknown) =>
        console.error(`Could not clean up: ${saidBy(error)}`),
      );
    }
  };
  for (const [name, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.on(name, () => {
      // A second Ctrl-C means now.
      if (interrupted !== undefined) process.exit(code);
      interrupted = code;
      process.stderr.write("\nStopping; cleaning up what was started …\n");
      interruption.abort(new Failure("Interrupted.", { code }));
      void end().then(() => process.exit(code));
    });
  }
  let code: number;
  try {
    await requireSettings(target, process.env, checks);
    // What was given to this one was not given to the commands that it starts.
    for (const name of [givenVariable, goalsVariable]) delete process.env[name];
    if (words !== "its own") requireWords(target, process.argv.slice(2), words);
    code =
      (await run({
        signal: interruption.signal,
        verbose,
        onEnd: (cleanUp) => void cleanUps.push(cleanUp),
      })) ?? 0;
  } catch (error) {
    code = interrupted ?? report(error, verbose);
  }
  await end();
  await flushed();
  process.exit(interrupted ?? code);
}

const isTrue = (text: string | undefined) => settings.VERBOSE.schema.safeParse(text).data === true;

function requireWords(target: string, given: string[], known: readonly string[]): void {
  const others = given.filter((word) => word !== "--verbose" && !known.includes(word));
  if (others.length === 0) return;
  const takes = known.length > 0 ? ` but ${known.join(", ")}` : "";
  throw usage(
    `${target} takes no argument${takes}, and was given ${others.join(" ")}. Settings go in front, or behind make ${target}: docs/settings.md`,
  );
}

function report(error: unknown, verbose: boolean): number {
  if (verbose) console.error(error);
  else if (error instanceof Failure || error instanceof ToolchainError) console.error(error.message);
  else if (isFullDisk(error))
    console.error(
      "The disk is full. Free some space and run the same command again: it picks up where it was.",
    );
  else if (error instanceof ProcessOutput) console.error(`A command failed: ${saidBy(error)}`);
  else
    console.error(
      `${error instanceof Error ? error.message : String(error)}\nRun again with VERBOSE=1 for the details.`,
    );
  if (error instanceof Failure) return error.code;
  return error instanceof ToolchainError ? exitCode.environment : 1;
}

const isFullDisk = (error: unknown) =>
  (error as NodeJS.ErrnoException)?.code === "ENOSPC" || /no space left on device/i.test(saidBy(error));
