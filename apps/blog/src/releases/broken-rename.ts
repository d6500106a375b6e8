import { categoriesFeature } from "../categories/feature.ts";
import { categoryOfPost } from "../categories/post-extension.ts";
import { describePosts } from "../posts/describe.ts";
import type { PostExtension } from "../posts/extension.ts";
import { postsFeature } from "../posts/feature.ts";
import { migrations as before, seeds as seedsBefore } from "./v2.ts";

/** This code finds a post's body under its new name. The code that is still running does not. */
const renamedBody: PostExtension = { columns: { body: { type: "text", name: "content" } } };

export const version = "broken-rename";
export const features = () => {
  const posts = describePosts(categoryOfPost, renamedBody);
  return [postsFeature(posts), categoriesFeature(posts)];
};
export const seeds = seedsBefore;
export const migrations = [...before, "RenamePostBody1765000000000"];
