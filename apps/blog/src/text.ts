import * as z from "zod";

/** PostgreSQL's text cannot hold NUL, and half a surrogate pair would be stored as another character. */
export const isStorable = (text: string) => !text.includes("\0") && text.isWellFormed();

/** A text that somebody wrote. Lengths are in UTF-16 code units, as in a form's `maxlength`. */
export const writtenText = (longest: number) =>
  z
    .string("is required")
    .max(longest, `must not be longer than ${longest.toLocaleString("en")} characters`)
    .refine((text) => text.trim() !== "", "must not be empty")
    .refine(isStorable, "contains characters that cannot be stored");
