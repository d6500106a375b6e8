import { generatePosts } from "../../commands/generate-posts.ts";
import { seedPosts } from "../../commands/seed-posts.ts";
import { describePosts } from "../posts/describe.ts";
import { postsFeature } from "../posts/feature.ts";

export const version = "v1";
export const api = "v1";
export const features = () => [postsFeature(describePosts())];
export const seeds = [
  // First, so that the list begins with posts worth reading.
  generatePosts(),
  seedPosts(),
];
export const migrations = ["CreatePosts1750000000000"];
