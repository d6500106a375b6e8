import { type Command, Option } from "commander";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Audience } from "../phases/sessions.ts";

export interface AudienceFlags {
  reader?: string[];
  ignoreRole?: string[];
}

const collect = (role: string, before: string[] = []) => [...before, role];

export const readerOption = () =>
  new Option(
    "--reader <role>",
    "an application's role: may read the record; its sessions are known (repeatable; env: READER_ROLE, comma separated)",
  ).argParser(collect);

const ignoreOption = () =>
  new Option(
    "--ignore-role <role>",
    "a role whose sessions never count, though it may write (repeatable; env: IGNORE_ROLE, comma separated)",
  ).argParser(collect);

/** Whose sessions a gate waits for. */
export const addAudience = (command: Command): Command =>
  command.addOption(readerOption()).addOption(ignoreOption());

export const readersOf = ({ reader }: Pick<AudienceFlags, "reader">) =>
  unique(reader ?? listed("READER_ROLE"));

export function audienceOf(flags: AudienceFlags): Audience {
  const readers = readersOf(flags);
  const ignored = unique(flags.ignoreRole ?? listed("IGNORE_ROLE"));
  const both = readers.find((role) => ignored.includes(role));
  if (both === undefined) return { readers, ignored };
  throw new MigratorError(ExitCode.Usage, `${both} is named by --reader and by --ignore-role.`, {
    next: "The application's sessions are what a contract waits for: take it out of one of the two.",
  });
}

/** A role with a comma in its name can only be given as a flag. */
const listed = (variable: string) => (process.env[variable] ?? "").split(",").map((role) => role.trim());

const unique = (roles: readonly string[]) => [...new Set(roles.filter((role) => role !== ""))];
