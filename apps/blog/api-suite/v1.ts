import type { Case } from "./case.ts";
import { posts } from "./posts.ts";
import { refusals } from "./refusals.ts";
import { surroundings } from "./surroundings.ts";

export const suite: Case[] = [...posts, ...refusals, ...surroundings];
