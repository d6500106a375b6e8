import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { DataSource } from "typeorm";
import { classify } from "../classify.ts";
import { type ConnectOptions, createDataSource } from "../database/session.ts";
import { stopIfTold } from "../database/wait.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";

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
  const dataSource = createDataSource(options, log);
  try {
    await dataSource.initialize();
    stopIfTold(signal);
    return await Promise.race([command(dataSource, options.args), whenTold(signal)]);
  } catch (error) {
    throw classify(error);
  } finally {
    if (dataSource.isInitialized && !signal.aborted) await dataSource.destroy();
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
