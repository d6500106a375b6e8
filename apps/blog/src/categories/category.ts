import { EntitySchema } from "typeorm";
import * as z from "zod";
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

export const categoryInput = z.strictObject({
  name: z
    .string("is required")
    .trim()
    .min(1, "must not be empty")
    .max(60, "must not be longer than 60 characters")
    .refine((name) => name.isWellFormed(), "contains characters that cannot be stored")
    .refine((name) => slugOf(name) !== "", "needs a letter or a digit"),
});
