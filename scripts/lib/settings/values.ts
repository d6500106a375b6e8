import { z } from "zod";

/*
 * What a setting may be: `words` is what documents say of it, and what follows "NAME=value: " where it is something else.
 * All arrive as text, from make or from the environment.
 */
export interface Value<T> {
  schema: z.ZodType<T>;
  words: string;
}

const value = <T>(words: string, read: (text: string) => T | undefined): Value<T> => ({
  words,
  schema: z.string().transform((input, context) => {
    const result = read(input);
    if (result !== undefined) return result;
    context.issues.push({ code: "custom", input, message: words });
    return z.NEVER;
  }),
});

/** Digits alone: Number would take "0x1F90", "1e3" and a blank as well. */
export const whole = (min: number, max: number, of = ""): Value<number> =>
  value(`${of}a whole number from ${min} to ${max}`, (text) => {
    const number = Number(text);
    return /^\d+$/.test(text) && number >= min && number <= max ? number : undefined;
  });

export const decimal = (max: number): Value<number> =>
  value(`a number above 0, up to ${max}`, (text) => {
    const number = Number(text);
    return /^\d+(\.\d+)?$/.test(text) && number > 0 && number <= max ? number : undefined;
  });

export const matching = (pattern: RegExp, words: string): Value<string> =>
  value(words, (text) => (pattern.test(text) ? text : undefined));

export const oneOf = (names: readonly string[], words: string): Value<string> =>
  value(words, (text) => (names.includes(text) ? text : undefined));

export const webAddress: Value<string> = value("an address that begins with http:// or https://", (text) =>
  z.url({ protocol: /^https?$/ }).safeParse(text).success ? text : undefined,
);

/** What stands for yes and no elsewhere does here. */
export const yesOrNo: Value<boolean> = value("1 or 0", (text) => z.stringbool().safeParse(text).data);

export const anything = (words: string): Value<string> => value(words, (text) => text);
