import * as z from "zod";
import { isKey } from "../keyset.ts";
import { html, nothing } from "../pages/html.ts";
import type { PostExtension } from "../posts/extension.ts";
import type { Post } from "../posts/post.ts";
import type { Category } from "./category.ts";
import { offeredCategories } from "./store.ts";
import { categoryField } from "./views.ts";

type PostInCategory = Post & { category: Category | null };

/** A post may be in one category. */
export const categoryOfPost: PostExtension = {
  columns: { categoryId: { type: "bigint", name: "category_id", nullable: true } },
  relations: {
    // Nullable, so posts without a category are found too (LEFT JOIN).
    category: {
      type: "many-to-one",
      target: "Category",
      joinColumn: { name: "category_id" },
      nullable: true,
    },
  },
  input: {
    /** Left out, the category stays as it is; a client of v1 that replaces a post does not take it away. */
    categoryId: z.preprocess(
      (value) => (value === "" ? null : value),
      z.string("must be an id or null").refine(isKey, "is no id").nullable().optional(),
    ),
  },
  constraints: {
    posts_category_id_fkey: { field: "categoryId", detail: "names a category that does not exist" },
  },

  json({ category }: PostInCategory) {
    return { category };
  },

  badge({ category }: PostInCategory) {
    return category
      ? html`<a class="badge" href="/categories/${category.slug}">${category.name}</a>`
      : nothing;
  },

  async formField(db, chosen, error) {
    const offered = await offeredCategories(db, isKey(chosen) ? [{ id: chosen }] : []);
    return categoryField([{ id: "", name: "None" }, ...offered], chosen, error);
  },
};
