import { seedPosts } from "../../commands/seed-posts.ts";
import { describePosts } from "../posts/describe.ts";
import { postsFeature } from "../posts/feature.ts";

export const version = "v1";
export const features = () => [postsFeature(describePosts())];
export const seeds = [seedPosts];
export const migrations = ["CreatePosts1750000000000"];
