import { type Command, Option } from "commander";
import type { GlobalOptions } from "../cli.ts";
import { duration } from "../duration.ts";
import type { Log } from "../log.ts";
import type { Outcome } from "../report.ts";

type Work = (globals: GlobalOptions, log: Log, stopSignal: () => AbortSignal) => Promise<Outcome>;

/** Adds one command to the program; `perform` runs its work, reports how it ended and keeps the exit code. */
export type Add = (program: Command, perform: (work: Work) => Promise<void>) => void;

export const durationOption = (flags: string, description: string, fallback: string, parse = duration) =>
  new Option(flags, description).argParser(parse).default(parse(fallback), fallback);
