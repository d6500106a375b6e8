import { generatePosts } from "../../commands/generate-posts.ts";
import { seedPosts } from "../../commands/seed-posts.ts";
import { categoriesFeature } from "../categories/feature.ts";
import { general } from "../categories/general.ts";
import { requiredCategoryOfPost } from "../categories/required.ts";
import { ownCategory, seedCategories } from "../categories/seed.ts";
import { describePosts } from "../posts/describe.ts";
import { postsFeature } from "../posts/feature.ts";
import * as v2 from "./v2.ts";

export const version = "v3";
export const api = "v3";
export const features = () => {
  const posts = describePosts(requiredCategoryOfPost);
  return [postsFeature(posts), categoriesFeature(posts)];
};
export const seeds = [
  generatePosts({ column: "category_id", sql: general }),
  // The categories first: a post of this release is written with its own.
  seedCategories,
  seedPosts(ownCategory),
];
export const migrations = [
  ...v2.migrations,
  "AddGeneralCategory1770000000000",
  "CategorisePosts1770000000001",
  "RequireCategory1770000000002",
];
