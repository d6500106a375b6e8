import { exitCode, Failure, usage } from "../failure.ts";
import { nearest } from "./nearest.ts";
import { read } from "./read.ts";
import { type Setting, type SettingName, settingNames, settings, takes } from "./table.ts";

/** Names that came with make's own command line (see Makefile), and the targets they came for. */
export const givenVariable = "SETTINGS_GIVEN";
export const goalsVariable = "SETTINGS_GOALS";
/** Variables of make itself, which one may give it. */
const makesOwn = /^(MAKE\w*|GNUMAKEFLAGS|SHELL|\.SHELLFLAGS|VPATH|CURDIR)$/;

/** Throws what is wrong with settings that each for itself are right. */
export type Check = () => unknown;

/**
 * Refuses what a target was given and does not take, and values that are none, all at once. Only what stood on make's command
 * line can be misspelt: the environment is full of other people's variables.
 */
export async function requireSettings(
  target: string,
  env: NodeJS.ProcessEnv,
  checks: readonly Check[] = [],
): Promise<void> {
  const given = wordsOf(env[givenVariable]).filter((name) => !makesOwn.test(name));
  // `make up deploy RELEASE=v2`: each takes what is its own.
  const goals = [target, ...wordsOf(env[goalsVariable])];
  const faults = given.flatMap((name) => {
    if (!isSetting(name)) return [unknown(name)];
    return goals.some((goal) => takes(goal, name)) ? [] : [notTaken(target, name)];
  });
  const own = settingNames.filter((name) => takes(target, name));
  faults.push(...read(env, own).faults);
  for (const check of checks) faults.push(...(await faultsOf(check)));
  if (faults.length === 0) return;
  // A check may have come upon the same.
  const lines = [
    ...new Set(faults),
    `Settings of ${target}: ${own.join(", ")}. All of them: docs/settings.md`,
  ];
  throw usage(lines.join("\n"));
}

const wordsOf = (text = ""): string[] => text.split(/\s+/).filter(Boolean);
const isSetting = (name: string): name is SettingName => Object.hasOwn(settings, name);

function unknown(name: string): string {
  const meant = nearest(name, settingNames);
  return `There is no setting ${name}.${meant ? ` Did you mean ${meant}?` : ""}`;
}

function notTaken(target: string, name: SettingName): string {
  const { takenBy }: Setting = settings[name];
  return `${target} takes no ${name}: that is for ${takenBy === "all" ? "all" : takenBy.join(", ")}.`;
}

async function faultsOf(check: Check): Promise<string[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (error instanceof Failure && error.code === exitCode.usage) return error.message.split("\n");
    throw error;
  }
}
