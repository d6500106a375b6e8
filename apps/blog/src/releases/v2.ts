import { generatePosts } from "../../commands/generate-posts.ts";
import { seedPosts } from "../../commands/seed-posts.ts";
import { categoriesFeature } from "../categories/feature.ts";
import { categoryOfPost } from "../categories/post-extension.ts";
import { seedCategories } from "../categories/seed.ts";
import { describePosts } from "../posts/describe.ts";
import type { PostExtension } from "../posts/extension.ts";
import { postsFeature } from "../posts/feature.ts";

export const version = "v2";
export const api = "v2";
export const features = (...more: PostExtension[]) => {
  const posts = describePosts(categoryOfPost, ...more);
  return [postsFeature(posts), categoriesFeature(posts)];
};
export const seeds = [generatePosts(), seedPosts(), seedCategories];
export const migrations = [
  "CreatePosts1750000000000",
  "AddCategories1760000000000",
  "ValidatePostCategory1760000000001",
  "IndexPostsByCategory1760000000002",
];
