import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { DataSource } from "typeorm";
import { classify } from "../classify.ts";
import { watchAnswers } from "../database/answers.ts";
import { type ConnectOptions, createDataSource, goodbyeMs } from "../database/session.ts";
import { createTraffic } from "../database/traffic.ts";
import { stopIfTold } from "../database/wait.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";
import { onlyFile } from "../migrations/only-file.ts";

/** What `commands/NAME` exports by default. Its return value is printed with `--json`. */
export type Command = (dataSource: DataSource, args: string[]) => unknown;

export interface RunOptions extends ConnectOptions {
  commands: string;
  name: string;
  args: string[];
}

/** Runs a command of the service (such as `seed`) as the role in DATABASE_URL. It takes no lock. */
export async function run(options: RunOptions, log: Log, signal: AbortSignal): Promise<unknown> {
  const command = await loadCommand(resolve(options.commands), options.name);
  const traffic = createTraffic();
  const dataSource = createDataSource(options, log, traffic);
  const { promise: lost, reject: onLost } = Promise.withResolvers<never>();
  const answers = watchAnswers(traffic, { url: options.url, log, onLost });
  const work = async () => {
    await dataSource.initialize();
    stopIfTold(signal);
    return command(dataSource, options.args);
  };
  try {
    return await Promise.race([work(), whenTold(signal), lost]);
  } catch (error) {
    throw classify(error);
  } finally {
    answers.stop();
    if (dataSource.isInitialized && !signal.aborted)
      await Promise.race([dataSource.destroy(), sleep(goodbyeMs, undefined, { ref: false })]);
  }
}

/** The process ends right after; the server notices the closed connections and cancels what runs in them. */
const whenTold = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      try {
        stopIfTold(signal);
      } catch (error) {
        reject(error);
      }
    });
  });

async function loadCommand(folder: string, name: string): Promise<Command> {
  // A name, not a path: nothing outside the folder can be run.
  const candidates = /^[\w-]+$/.test(name)
    ? ["mjs", "js", "cjs", "ts"].map((ext) => join(folder, `${name}.${ext}`))
    : [];
  for (const path of candidates) {
    if (!(await exists(path))) continue;
    await onlyFile(path);
    const module = await import(pathToFileURL(path).href);
    const command = module.default?.default ?? module.default;
    if (typeof command === "function") return command;
    throw new MigratorError(ExitCode.Usage, `${path} has no function as its default export.`);
  }
  throw new MigratorError(ExitCode.Usage, `There is no command ${name} in ${folder}.`, {
    next: "Name the folder with --commands DIR or COMMANDS_DIR.",
  });
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
