import { isKey } from "../keyset.ts";
import type { PostExtension } from "../posts/extension.ts";
import { general, generalSlug } from "./general.ts";
import { categoryOfPost } from "./post-extension.ts";
import { offeredCategories } from "./store.ts";
import { categoryField } from "./views.ts";

/**
 * Every post that this code writes is in a category. It still reads posts that are in none, and shows them as the
 * release before does: that one may go on writing such posts until the last of its replicas is gone.
 */
export const requiredCategoryOfPost: PostExtension = {
  ...categoryOfPost,

  constraints: {
    ...categoryOfPost.constraints,
    // The foreign key's name once the contract has replaced it.
    posts_category_fkey: { field: "categoryId", detail: "names a category that does not exist" },
  },

  complete({ categoryId, ...values }, isNew) {
    if (typeof categoryId === "string") return { ...values, categoryId };
    const keeps = categoryId === undefined && !isNew;
    return { ...values, categoryId: () => (keeps ? `coalesce(category_id, ${general})` : general) };
  },

  async formField(db, chosen, error) {
    const needed = [{ slug: generalSlug }, ...(isKey(chosen) ? [{ id: chosen }] : [])];
    const categories = await offeredCategories(db, needed);
    const preset = categories.find((category) => category.slug === generalSlug)?.id ?? "";
    return categoryField(categories, chosen || preset, error);
  },
};
