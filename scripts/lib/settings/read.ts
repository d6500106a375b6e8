import type { z } from "zod";
import { usage } from "../failure.ts";
import { type Setting, type SettingName, settings } from "./table.ts";

type Values<Name extends SettingName> = {
  [Key in Name]?: (typeof settings)[Key]["schema"] extends z.ZodType<infer T> ? T : never;
};

/** Settings as the environment has them: one that is empty is none. Says all that is wrong at once. */
export function valuesOf<Name extends SettingName>(
  env: NodeJS.ProcessEnv,
  names: readonly Name[],
): Values<Name> {
  const { values, faults } = read(env, names);
  if (faults.length > 0) throw usage(faults.join("\n"));
  return values;
}

export function read<Name extends SettingName>(env: NodeJS.ProcessEnv, names: readonly Name[]) {
  const values: Values<Name> = {};
  const faults: string[] = [];
  for (const name of names) {
    const text = env[name];
    if (!text) continue;
    const { schema, words }: Setting = settings[name];
    const result = schema.safeParse(text);
    if (result.success) values[name] = result.data as Values<Name>[Name];
    else faults.push(faultOf(name, text, words));
  }
  return { values, faults };
}

const releases: readonly SettingName[] = ["FROM", "TO", "RELEASE"];
const faultOf = (name: SettingName, text: string, words: string): string =>
  releases.includes(name)
    ? `There is no release "${text}". There are: ${words.replace("a release: ", "")}.`
    : `${name}=${text}: ${words}.`;
