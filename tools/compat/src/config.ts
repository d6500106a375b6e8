import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as z from "zod";
import { exitCode, Failure } from "./failure.ts";

const command = z.array(z.string().min(1)).min(1, "must name a program");

const schema = z.strictObject({
  /** Applies a release's expand migrations, as the role in DATABASE_URL. */
  migrate: command,
  /** Serves a release on PORT, as the role in DATABASE_URL, until SIGTERM. */
  app: command,
  /** Holds the release served at BASE_URL to its API; exit code 0 when it keeps to it. */
  suite: command,
  /** Path that answers 200 once the app serves. */
  ready: z.string().startsWith("/", "must start with /").default("/readyz"),
  /** Fills the old release's schema before anything is asked, as the application's role. */
  seed: command.optional(),
  /** Runs a release's backfills and contracts; exit code 22 while older code is alive. */
  contract: command.optional(),
  /** More environment for every command. */
  env: z.record(z.string(), z.string()).default({}),
});

export type Commands = z.infer<typeof schema>;
export type CommandName = "migrate" | "app" | "suite" | "seed" | "contract";

export interface Config extends Commands {
  /** Folder in which the commands run: that of the configuration file. */
  folder: string;
}

/** Reads the configuration; throws one error that names every fault. */
export async function readConfig(path: string): Promise<Config> {
  const file = resolve(path);
  const read = schema.safeParse(await readJson(file));
  if (read.success) return { ...read.data, folder: dirname(file) };
  const faults = read.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "the file"}: ${issue.message}`,
  );
  throw new Failure(`${path} is not a configuration of compat:\n${faults.join("\n")}`, exitCode.usage);
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "is not there" : `cannot be read (${code})`;
    throw new Failure(`${file} ${why}. Name the configuration with --config FILE.`, exitCode.usage, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure(`${file} is not JSON: ${(cause as Error).message}.`, exitCode.usage, cause);
  }
}

/** A command for one release: `{release}` is its name. */
export const forRelease = (command: readonly string[], release: string): string[] =>
  command.map((part) => part.replaceAll("{release}", release));
