import { EntitySchema } from "typeorm";
import * as z from "zod";
import { isStorable } from "../text.ts";
import { slugOf } from "./slug.ts";

export interface Category {
  id: string;
  slug: string;
  name: string;
}

export const categoryEntity = new EntitySchema<Category>({
  name: "Category",
  tableName: "categories",
  columns: {
    id: { type: "bigint", primary: true, generated: "increment" },
    slug: { type: "text" },
    name: { type: "text" },
  },
});

/** In UTF-16 code units. */
export const longestName = 60;

export const categoryInput = z.strictObject({
  name: z
    .string("is required")
    .trim()
    .min(1, "must not be empty")
    .max(longestName, `must not be longer than ${longestName} characters`)
    .refine(isStorable, "contains characters that cannot be stored")
    .refine((name) => slugOf(name) !== "", "needs a letter or a digit"),
});
